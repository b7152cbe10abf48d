// The network: vis-network holds the view and says what is pressed; we paint.

let network = null;
const held = { nodes: null, edges: null }; // what vis-network draws from

function visNode(node) {
  const { width, height } = node.kg;
  const [x, y] = placeOf(node.id);
  const ctxRenderer = ({ ctx, x: atX, y: atY }) => ({ drawNode: () => paintAt(ctx, network.getScale())(node, [atX, atY]), nodeDimensions: { width, height } });
  return { id: node.id, x, y, shape: "custom", hidden: !scene.kept.has(node.id), ctxRenderer };
}

function visEdge(edge) {
  const { verdict, isShown: isSeen } = scene.lines.get(edge.id);
  const dash = styleOf(verdict).dash.map((n) => Math.max(n, 1));
  const color = { color: isAlarm(verdict) ? ink.alarm : ink.line, opacity: lineAlpha(edge) };
  const hidden = Boolean(edge.hidden) || !isSeen || !isOnStage(edge);
  return { id: edge.id, from: edge.from, to: edge.to, hidden, dashes: dash.length ? dash : false, arrows: { to: { scaleFactor: 0.5 } }, color };
}

// vis-network stands in the page as text, so that nothing waits for it; by its hash it may run.
function readVis() {
  const script = document.createElement("script");
  script.textContent = by("kg-vis").textContent;
  document.head.append(script);
}

function start() {
  held.nodes = new vis.DataSet(nodes.map(visNode));
  held.edges = new vis.DataSet(edges.map(visEdge));
  network = new vis.Network(by("canvas"), held, read("kg-options"));
  network.on("beforeDrawing", (context) => paintBelow(canvasPen(context)));
  network.on("afterDrawing", (context) => { paintAbove(canvasPen(context)); moveWalk(); });
  network.on("click", onClick);
  network.on("doubleClick", ({ nodes: [id] }) => { if (id) widen(id); });
  network.on("dragStart", onDrag);
  network.on("dragging", onDrag);
  network.on("dragEnd", onDrop);
  network.on("hoverNode", ({ node }) => pointAt({ box: node }));
  network.on("blurNode", () => pointAt({}));
  network.on("hoverEdge", ({ edge }) => view.layered || pointAt({ line: edge }));
  network.on("blurEdge", () => view.layered || pointAt({}));
  network.once("afterDrawing", () => { by("first-look").remove(); by("picture").dataset.ready = "yes"; });
  by("canvas").addEventListener("mousemove", onMove);
  document.fonts.addEventListener("loadingdone", () => { fits.clear(); repaint(); });
}

const repaint = () => network.redraw();
let drawn = "";

// Hands vis-network what changed since it last drew.
function redraw() {
  const now = JSON.stringify([view.layered ? [] : [state, theme()], state.pins, [...scene.kept]]);
  if (now !== drawn) {
    held.nodes.update(nodes.map(visNode));
    if (!view.layered) held.edges.update(edges.map(visEdge));
  }
  drawn = now;
  repaint();
}

// --- what the mouse points at ----------------------------------------------------------------------

const tester = document.createElement("canvas").getContext("2d");
tester.lineWidth = 14;

function lineAt({ x, y }) {
  const routed = edges.filter((edge) => isOnStage(edge) && scene.lines.get(edge.id).isShown).map((edge) => [edge, routeOf(edge)]);
  const seen = routed.filter(([, route]) => route);
  const isIn = ([, { plate }]) => plate && Math.abs(x - plate[0]) * 2 < plate[2] && Math.abs(y - plate[1]) * 2 < plate[3];
  const found = seen.find(isIn) || seen.find(([, route]) => tester.isPointInStroke(pathOf(route.path), x, y));
  return found ? found[0] : null;
}

function onClick({ nodes: [id], edges: [straight], pointer }) {
  const more = moreAt(pointer.canvas);
  if (more) { widen(more); return; }
  if (id && isReachable(id)) { choose({ box: id }); return; }
  const edge = lineAt(pointer.canvas) || (!view.layered && lines.get(straight));
  choose(edge ? { line: edge.id } : {});
}

// The box whose "+3" is hit.
function moreAt({ x, y }) {
  return [...scene.more.keys()].find((id) => {
    const [[left, top], { width, height }] = [placeOf(id), boxes.get(id).kg];
    return Math.abs(x - left - width / 2) < 18 && Math.abs(y - top - height / 2) < 12;
  });
}

let moving = 0;
function onMove(event) {
  cancelAnimationFrame(moving);
  const { left, top } = by("canvas").getBoundingClientRect();
  const at = { x: event.clientX - left, y: event.clientY - top };
  moving = requestAnimationFrame(() => {
    if (!view.layered || pointed.box) return;
    const edge = lineAt(network.DOMtoCanvas(at));
    pointAt(edge ? { line: edge.id } : {});
  });
}

function pointAt({ box: id = "", line = "" }) {
  by("canvas").style.cursor = id || line ? "pointer" : "";
  if (pointed.box === id && pointed.line === line) return;
  Object.assign(pointed, { box: id, line });
  repaint();
}

// --- moving boxes: what is dragged stays where it is put ---------------------------------------------

function onDrag({ nodes: [id] }) {
  if (!id) return;
  const { [id]: at } = network.getPositions([id]);
  if (Math.hypot(at.x - placeOf(id)[0], at.y - placeOf(id)[1]) > 0.5) dragged = { [id]: [at.x, at.y] };
}

function onDrop({ nodes: [id] }) {
  if (!id || !dragged[id]) return;
  const at = dragged[id];
  dragged = {};
  pin(id, at);
}

function pin(id, at) {
  act({ pins: { ...state.pins, [id]: at } });
}

function unpin(id) {
  act({ pins: Object.fromEntries(Object.entries(state.pins).filter(([key]) => key !== id)) });
}
