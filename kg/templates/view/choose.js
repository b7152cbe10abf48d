// Choosing a box or a line, and the address that leads back to it.

function choose({ node = null, edge = null }, how = {}) {
  Object.assign(chosen, { node, edge });
  const page = node ? nodePage(boxes.get(node)) : edge ? edgePage(lines.get(edge)) : overview();
  show(page);
  remember();
  if (how.look && node) comeToSee(boxes.get(node));
  if (how.look && edge) comeToSee(middleOf(lines.get(edge)));
  if (narrow.matches && (node || edge) && !how.stay) by("panel").scrollIntoView();
  restyleChosen();
}

function restyleChosen() {
  if (view.layered) repaint();
  else restyle();
}

function remember() {
  const hash = chosen.node ? `#box=${boxes.get(chosen.node).id}` : chosen.edge ? `#line=${chosen.edge}` : "#";
  history.replaceState(null, "", hash === "#" ? location.pathname + location.search : hash);
}

function recall() {
  const [, kind, id] = /^#(box|line)=(\w+)$/.exec(location.hash) || [];
  if (kind === "box" && boxes.has(id)) choose({ node: id }, { look: true, stay: true });
  else if (kind === "line" && lines.has(id)) choose({ edge: id }, { look: true, stay: true });
}
