// Walking with the keyboard, from box to line to box; every box and line with a label is a button over the canvas.

const stops = new Map(); // id of a box or line -> its button

function buildWalk() {
  const order = [...nodes].sort((a, b) => a.x - b.x || a.y - b.y);
  for (const node of order) {
    addStop(node.id, () => choose({ box: node.id }));
    for (const edge of touching.get(node.id)) if (edge.from === node.id && edge.kg.plate) addStop(edge.id, () => choose({ line: edge.id }));
  }
  const first = stops.values().next().value;
  if (first) first.tabIndex = 0;
  by("walk").addEventListener("keydown", onWalkKey);
}

function addStop(id, act_) {
  const button = press("", "", act_);
  button.tabIndex = -1;
  button.dataset.id = id;
  button.addEventListener("focus", () => { if (button.matches(":focus-visible")) comeToSee(spotOf(id)); });
  stops.set(id, button);
  by("walk").append(button);
}

function spotOf(id) {
  if (!boxes.has(id)) return { ...middleOf(lines.get(id)), width: lines.get(id).kg.plate[2], height: lines.get(id).kg.plate[3] };
  const [x, y] = placeOf(id);
  return { x, y, width: boxes.get(id).kg.width, height: boxes.get(id).kg.height };
}

// Puts every button where its box or label is now, and says what it is now.
function fillWalk() {
  for (const [id, button] of stops) {
    const isBox = boxes.has(id);
    const { x, y, width, height } = spotOf(id);
    const isThere = isBox ? isReachable(id) : isOnStage(lines.get(id)) && scene.lines.get(id).isShown;
    Object.assign(button.style, { left: `${x - width / 2}px`, top: `${y - height / 2}px`, width: `${width}px`, height: `${height}px` });
    button.setAttribute("aria-label", isBox ? boxWords(boxes.get(id)) : lineWords(lines.get(id)));
    button.hidden = !isThere;
  }
  const shown = [...stops.values()].filter((button) => !button.hidden);
  if (shown.length && !shown.some((button) => button.tabIndex === 0)) shown[0].tabIndex = 0;
}

function boxWords(node) {
  const more = scene.more.get(node.id);
  return [node.label, (typeOf(node) || {}).label || "", more ? `${more} more` : ""].filter(Boolean).join(", ") + (typeOf(node) ? "" : ", ");
}

function lineWords(edge) {
  const { label, verdict } = scene.lines.get(edge.id);
  return [boxes.get(edge.from).label, label || edge.kg.label, boxes.get(edge.to).label, verdict.label].join(", ");
}

function moveWalk() {
  const { x, y } = network.getViewPosition();
  const scale = network.getScale();
  const { clientWidth: w, clientHeight: h } = by("canvas");
  by("walk").style.transform = `translate(${w / 2 - x * scale}px, ${h / 2 - y * scale}px) scale(${scale})`;
}

const MOVES = { ArrowUp: [0, -20], ArrowDown: [0, 20], ArrowLeft: [-20, 0], ArrowRight: [20, 0] };

function onWalkKey(event) {
  const { id } = event.target.dataset;
  if (!id || event.ctrlKey || event.metaKey) return;
  const act_ = boxes.has(id) && (event.shiftKey ? MOVES[event.key] && (() => nudge(id, MOVES[event.key])) : boxKeys[event.key]);
  if (act_) { event.preventDefault(); event.stopPropagation(); act_(id); return; }
  const next = boxes.has(id) ? fromBox(boxes.get(id), event.key) : fromLine(lines.get(id), event.key);
  if (!next || !stops.has(next)) return;
  event.preventDefault();
  goTo(next);
}

const boxKeys = {
  e: (id) => widen(id),
  c: (id) => collapse(id),
  f: (id) => (state.focus === id ? unfocus() : focusOn(id)),
  p: (id) => seekPath(id),
  u: (id) => unpin(id),
};

function goTo(id) {
  for (const stop of stops.values()) stop.tabIndex = -1;
  stops.get(id).tabIndex = 0;
  stops.get(id).focus();
}

const neighbour = (list_, id, way) => list_[list_.indexOf(id) + way];
const high = (id) => spotOf(id).y;
const walkable = (list_) => list_.filter((id) => stops.has(id) && !stops.get(id).hidden).sort((a, b) => high(a) - high(b));

function fromBox(node, key) {
  const column = walkable(nodes.filter((one) => Math.abs(one.x - node.x) < 1).map((one) => one.id));
  const out = walkable(touching.get(node.id).filter((edge) => edge.from === node.id).map((edge) => edge.id));
  const into = walkable(touching.get(node.id).filter((edge) => edge.to === node.id).map((edge) => edge.id));
  const all = [...stops.keys()].filter((id) => boxes.has(id) && !stops.get(id).hidden);
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
  const there = nodes.filter((one) => isReachable(one.id) && (one.x - node.x) * way > 1);
  const far = (one) => Math.abs(one.x - node.x) * 3 + Math.abs(one.y - node.y);
  return there.length ? there.reduce((a, b) => (far(b) < far(a) ? b : a)).id : null;
}

function fromLine(edge, key) {
  const siblings = walkable(touching.get(edge.from).filter((one) => one.from === edge.from).map((one) => one.id));
  const acts = {
    ArrowDown: () => neighbour(siblings, edge.id, 1),
    ArrowUp: () => neighbour(siblings, edge.id, -1),
    ArrowRight: () => edge.to,
    ArrowLeft: () => edge.from,
  };
  return acts[key] && acts[key]();
}
