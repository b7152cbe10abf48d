// Walking with the keyboard, from box to line to box.

const steps = new Map(); // id of a box or line -> its button

function buildWalk() {
  const order = [...nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  for (const node of order) {
    addStep(node.id, `${node.label}, ${(typeOf(node) || {}).label || ""}`, [node.x, node.y, node.kg.width, node.kg.height]);
    for (const edge of touching.get(node.id)) if (edge.from === node.id && edge.kg.plate) addLineStep(edge);
  }
  const first = steps.values().next().value;
  if (first) first.tabIndex = 0;
  by("walk").addEventListener("keydown", onWalkKey);
}

function addLineStep(edge) {
  const words = [boxes.get(edge.from).label, edge.kg.label, boxes.get(edge.to).label, verdictOf(edge.kg.verdict).label];
  addStep(edge.id, words.join(", "), edge.kg.plate);
}

function addStep(id, label, [x, y, width, height]) {
  const button = press("", "", () => choose(boxes.has(id) ? { node: id } : { edge: id }));
  Object.assign(button.style, { left: `${x - width / 2}px`, top: `${y - height / 2}px`, width: `${width}px`, height: `${height}px` });
  button.setAttribute("aria-label", label);
  button.tabIndex = -1;
  button.dataset.id = id;
  button.addEventListener("focus", () => { if (button.matches(":focus-visible")) comeToSee({ x, y }); });
  steps.set(id, button);
  by("walk").append(button);
}

function moveWalk() {
  const { x, y } = network.getViewPosition();
  const scale = network.getScale();
  const { clientWidth: w, clientHeight: h } = by("canvas");
  by("walk").style.transform = `translate(${w / 2 - x * scale}px, ${h / 2 - y * scale}px) scale(${scale})`;
}

function onWalkKey(event) {
  const id = event.target.dataset.id;
  const next = boxes.has(id) ? fromBox(boxes.get(id), event.key) : fromLine(lines.get(id), event.key);
  if (!next || !steps.has(next)) return;
  event.preventDefault();
  for (const step of steps.values()) step.tabIndex = -1;
  steps.get(next).tabIndex = 0;
  steps.get(next).focus();
}

const neighbour = (list, id, way) => list[list.indexOf(id) + way];
const high = (id) => (boxes.has(id) ? boxes.get(id).y : middleOf(lines.get(id)).y);
const walkable = (list) => list.filter((id) => steps.has(id)).sort((a, b) => high(a) - high(b));

function fromBox(node, key) {
  const column = walkable(nodes.filter((other) => Math.abs(other.x - node.x) < 1).map((other) => other.id));
  const out = walkable(touching.get(node.id).filter((edge) => edge.from === node.id).map((edge) => edge.id));
  const into = walkable(touching.get(node.id).filter((edge) => edge.to === node.id).map((edge) => edge.id));
  const all = [...steps.keys()].filter((id) => boxes.has(id));
  const acts = {
    ArrowDown: () => neighbour(column, node.id, 1) || neighbour(all, node.id, 1),
    ArrowUp: () => neighbour(column, node.id, -1) || neighbour(all, node.id, -1),
    ArrowRight: () => out[0] || nearest(node, 1),
    ArrowLeft: () => into[0] || nearest(node, -1),
    Home: () => all[0],
    End: () => all[all.length - 1],
  };
  return acts[key] && acts[key]();
}

function nearest(node, way) {
  const there = nodes.filter((other) => (other.x - node.x) * way > 1);
  const far = (other) => Math.abs(other.x - node.x) * 3 + Math.abs(other.y - node.y);
  return there.length ? there.reduce((a, b) => (far(b) < far(a) ? b : a)).id : null;
}

function fromLine(edge, key) {
  const siblings = walkable(touching.get(edge.from).filter((other) => other.from === edge.from).map((other) => other.id));
  const acts = {
    ArrowDown: () => neighbour(siblings, edge.id, 1),
    ArrowUp: () => neighbour(siblings, edge.id, -1),
    ArrowRight: () => edge.to,
    ArrowLeft: () => edge.from,
  };
  return acts[key] && acts[key]();
}
