// The network: vis-network holds the view, we paint and are clicked.

function visNode(node) {
  const { width, height } = node.kg;
  const ctxRenderer = ({ ctx, x, y }) => ({
    drawNode: () => (view.layered || network.getScale() > 0.2 ? paintNode : paintPatch)(ctx, node, x, y),
    nodeDimensions: { width, height },
  });
  return { id: node.id, x: node.x, y: node.y, shape: "custom", ctxRenderer };
}

function visEdge(edge) {
  const verdict = verdictOf(edge.kg.verdict);
  const colour = verdict.mark === "cross" ? ink.alarm : ink.line;
  const style = { arrows: { to: { scaleFactor: 0.5 } }, color: { color: colour, opacity: edgeAlpha(edge) } };
  const dash = (dashes[verdict.line] || []).map((n) => Math.max(n, 1));
  return { id: edge.id, from: edge.from, to: edge.to, hidden: edge.hidden, dashes: dash.length ? dash : false, ...style };
}

function start() {
  for (const edge of edges) if (edge.kg.path) edge.path = new Path2D(edge.kg.path);
  network = new vis.Network(
    by("canvas"),
    { nodes: new vis.DataSet(nodes.map(visNode)), edges: new vis.DataSet(edges.map(visEdge)) },
    read("kg-options"),
  );
  network.on("beforeDrawing", paintBelow);
  network.on("afterDrawing", paintAbove);
  network.on("afterDrawing", moveWalk);
  network.on("click", onClick);
  network.on("hoverEdge", ({ edge }) => view.layered || setHover(null, edge));
  network.on("blurEdge", () => view.layered || setHover(null, null));
  network.on("hoverNode", ({ node }) => setHover(node, null));
  network.on("blurNode", () => setHover(null, null));
  network.once("afterDrawing", () => by("picture").dataset.ready = "yes");
  by("canvas").addEventListener("mousemove", onMove);
  document.fonts.addEventListener("loadingdone", repaint);
  showAll(true);
}

const repaint = () => network.redraw();

function restyle() {
  readInk();
  if (!view.layered) network.setData({ nodes: new vis.DataSet(nodes.map(visNode)), edges: new vis.DataSet(edges.map(visEdge)) });
  repaint();
}

const tester = document.createElement("canvas").getContext("2d");
tester.lineWidth = 14;

function edgeAt({ x, y }) {
  const inPlate = ({ kg: { plate } }) => plate && Math.abs(x - plate[0]) * 2 < plate[2] && Math.abs(y - plate[1]) * 2 < plate[3];
  const shown = edges.filter((edge) => edge.path && !isOffEdge(edge));
  return shown.find(inPlate) || shown.find((edge) => tester.isPointInStroke(edge.path, x, y));
}

function onClick({ nodes: [node], edges: [straight], pointer }) {
  if (node && !isOffNode(boxes.get(node))) return choose({ node });
  const edge = edgeAt(pointer.canvas) || (!view.layered && lines.get(straight));
  return choose(edge ? { edge: edge.id } : {});
}

let moving = 0;
function onMove(event) {
  cancelAnimationFrame(moving);
  const { left, top } = by("canvas").getBoundingClientRect();
  const at = { x: event.clientX - left, y: event.clientY - top };
  moving = requestAnimationFrame(() => {
    if (!view.layered) return;
    const edge = hover.node ? null : edgeAt(network.DOMtoCanvas(at));
    setHover(hover.node, edge ? edge.id : null);
  });
}

function setHover(node, edge) {
  by("canvas").style.cursor = node || edge ? "pointer" : "";
  if (hover.node === node && hover.edge === edge) return;
  Object.assign(hover, { node, edge });
  repaint();
}
