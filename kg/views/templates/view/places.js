// Where boxes stand and lines run: as laid out, or where the reader has put them.

const home = new Map(nodes.map((node) => [node.id, [node.x, node.y]]));
let dragged = {}; // boxes on their way

const placeOf = (id) => dragged[id] || state.pins[id] || home.get(id);
const isMoved = (id) => Boolean(dragged[id] || state.pins[id]);

// The route of a line: its own while both ends stand where they were laid out, else a plain curve.
function routeOf(edge) {
  if (!isMoved(edge.from) && !isMoved(edge.to)) return edge.kg.path ? edge.kg : null;
  return view.layered ? curve(edge) : null;
}

function curve(edge) {
  const [a, b] = [edge.from, edge.to].map((id) => ({ at: placeOf(id), ...boxes.get(id).kg }));
  const [start, end] = [rimPoint(a, b.at), rimPoint(b, a.at)];
  const bend = sway(edge);
  const middle = [(start[0] + end[0]) / 2 + bend[0], (start[1] + end[1]) / 2 + bend[1]];
  const path = `M${start.map(round)}Q${middle.map(round)} ${end.map(round)}`;
  const top = [(start[0] + end[0]) / 4 + middle[0] / 2, (start[1] + end[1]) / 4 + middle[1] / 2];
  const angle = Math.atan2(end[1] - middle[1], end[0] - middle[0]);
  const plate = edge.kg.plate ? [...top, edge.kg.plate[2], edge.kg.plate[3]] : null;
  return { path, tip: [...end, angle], plate, lines: edge.kg.lines, mark: null };
}

// Where the straight line to a place leaves a box.
function rimPoint({ at: [x, y], width, height }, [toX, toY]) {
  const [dx, dy] = [toX - x, toY - y];
  const scale = Math.min(dx ? (width / 2 + 1) / Math.abs(dx) : Infinity, dy ? (height / 2 + 1) / Math.abs(dy) : Infinity);
  return isFinite(scale) ? [x + dx * scale, y + dy * scale] : [x, y];
}

// Lines between the same two boxes part from each other.
function sway(edge) {
  const pair = touching.get(edge.from).filter((one) => other(one, edge.from) === other(edge, edge.from));
  const step = pair.indexOf(edge) - (pair.length - 1) / 2;
  const [[x, y], [toX, toY]] = [placeOf(edge.from), placeOf(edge.to)];
  const far = Math.hypot(toX - x, toY - y) || 1;
  const way = edge.from < edge.to ? 70 * step : -70 * step;
  return [(-(toY - y) / far) * way, ((toX - x) / far) * way];
}

function middleOf(edge) {
  const route = routeOf(edge);
  if (route && route.plate) return { x: route.plate[0], y: route.plate[1] };
  const [[x, y], [toX, toY]] = [placeOf(edge.from), placeOf(edge.to)];
  return { x: (x + toX) / 2, y: (y + toY) / 2 };
}

// The frame of what is on the stage; the whole frame where nothing is left out or moved.
function frameNow() {
  const ids = [...scene.kept];
  if (!ids.length || (ids.length === nodes.length && !Object.keys(state.pins).length)) return view.frame;
  const sides = ids.map((id) => ({ at: placeOf(id), ...boxes.get(id).kg }));
  const left = Math.min(...sides.map(({ at, width }) => at[0] - width / 2)) - 30;
  const right = Math.max(...sides.map(({ at, width }) => at[0] + width / 2)) + 30;
  const top = Math.min(...sides.map(({ at, height }) => at[1] - height / 2)) - 46;
  const bottom = Math.max(...sides.map(({ at, height }) => at[1] + height / 2)) + 30;
  return [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top];
}
