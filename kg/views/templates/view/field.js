// The whole of a large network on one canvas: every box and line that the page has no room to tell of one by one.
// While it moves, the last finished picture moves; once it rests, lines are drawn anew, a few thousand a frame.

const field = { data: null, x: 0, y: 0, scale: 1, near: null, chosen: -1, hover: -1, still: null, job: 0, rest: 0 };
const fieldCell = 400;
const fieldChunk = 2500;

function openField() {
  if (!field.data) fieldStart();
  by("field").showModal();
  fieldSize();
  fieldFit();
  fieldCard(-1);
  by("field-find").focus();
}

function fieldStart() {
  const data = (field.data = read("kg-whole"));
  field.count = data.labels.length;
  field.degree = new Uint32Array(field.count);
  field.near = Array.from({ length: field.count }, () => []);
  for (const [verdict, ends] of Object.entries(data.lines)) {
    for (let n = 0; n < ends.length; n += 3) {
      const [a, b, word] = [ends[n], ends[n + 1], ends[n + 2]];
      field.degree[a] += 1;
      field.degree[b] += 1;
      field.near[a].push([b, verdict, word, "→"]);
      field.near[b].push([a, verdict, word, "←"]);
    }
  }
  field.order = Array.from(field.degree.keys()).sort((a, b) => field.degree[b] - field.degree[a] || a - b);
  fieldGrid();
  field.canvas = by("field-canvas");
  field.context = field.canvas.getContext("2d", { alpha: false });
  field.finished = document.createElement("canvas");
  fieldListen();
}

function fieldGrid() {
  field.grid = new Map();
  for (let n = 0; n < field.count; n += 1) {
    const key = `${Math.floor(field.data.x[n] / fieldCell)},${Math.floor(field.data.y[n] / fieldCell)}`;
    if (!field.grid.has(key)) field.grid.set(key, []);
    field.grid.get(key).push(n);
  }
}

// --- the view ---

function fieldSize() {
  const { canvas } = field;
  field.ratio = Math.min(devicePixelRatio || 1, 2);
  field.width = canvas.clientWidth;
  field.height = canvas.clientHeight;
  canvas.width = field.finished.width = Math.round(field.width * field.ratio);
  canvas.height = field.finished.height = Math.round(field.height * field.ratio);
  field.still = null;
}

function fieldFit() {
  const xs = fieldSpan(field.data.x);
  const ys = fieldSpan(field.data.y);
  const scale = Math.min((field.width - 60) / Math.max(xs[1] - xs[0] + 200, 1), (field.height - 60) / Math.max(ys[1] - ys[0] + 60, 1), 1.2);
  Object.assign(field, { x: (xs[0] + xs[1]) / 2, y: (ys[0] + ys[1]) / 2, scale, least: scale / 2 });
  fieldDraw();
}

const fieldSpan = (list) => list.reduce(([low, high], n) => [Math.min(low, n), Math.max(high, n)], [Infinity, -Infinity]);
const fieldToWorld = (px, py) => [(px - field.width / 2) / field.scale + field.x, (py - field.height / 2) / field.scale + field.y];

function fieldZoom(factor, px = field.width / 2, py = field.height / 2) {
  const [x, y] = fieldToWorld(px, py);
  const scale = Math.min(3, Math.max(field.least, field.scale * factor));
  field.x = x - ((x - field.x) * field.scale) / scale;
  field.y = y - ((y - field.y) * field.scale) / scale;
  field.scale = scale;
  fieldMove();
}

function fieldGo(n) {
  Object.assign(field, { x: field.data.x[n], y: field.data.y[n], scale: Math.max(field.scale, 0.6), chosen: n });
  fieldCard(n);
  fieldDraw();
}

// One frame of a moving picture: the finished one, put where it now belongs; boxes alone where it does not reach.
function fieldMove() {
  clearTimeout(field.rest);
  field.rest = setTimeout(fieldDraw, 140);
  if (field.moving) return;
  cancelAnimationFrame(field.job);
  field.moving = true;
  requestAnimationFrame(() => {
    field.moving = false;
    fieldWhole(field.context);
    fieldClear(field.context);
    const covers = fieldBlit();
    if (!covers) fieldBoxes(field.context);
  });
}

function fieldBlit() {
  const { still } = field;
  if (!still) return false;
  const size = field.scale / still.scale;
  const left = field.width / 2 + (still.x - field.x) * field.scale - (field.width / 2) * size;
  const top = field.height / 2 + (still.y - field.y) * field.scale - (field.height / 2) * size;
  field.context.imageSmoothingEnabled = size < 1;
  field.context.drawImage(field.finished, left, top, field.width * size, field.height * size);
  return left <= 0 && top <= 0 && left + field.width * size >= field.width && top + field.height * size >= field.height;
}

// --- drawing ---

function fieldWhole(context) {
  context.setTransform(field.ratio, 0, 0, field.ratio, 0, 0);
}

function fieldWorld(context) {
  const s = field.scale * field.ratio;
  context.setTransform(s, 0, 0, s, (field.width / 2) * field.ratio - field.x * s, (field.height / 2) * field.ratio - field.y * s);
}

function fieldClear(context) {
  context.globalAlpha = 1;
  context.fillStyle = ink.page;
  context.fillRect(0, 0, field.width, field.height);
}

// Lines first, some each frame, then boxes and names; a new movement ends it.
function fieldDraw() {
  clearTimeout(field.rest);
  cancelAnimationFrame(field.job);
  const { context } = field;
  fieldWhole(context);
  fieldClear(context);
  const first = !field.still;
  const work = fieldLines(context);
  const step = () => {
    const until = performance.now() + (first ? 400 : 14);
    let done = false;
    while (!done && performance.now() < until) done = work.next().done;
    if (!done) { field.job = requestAnimationFrame(step); return; }
    fieldBoxes(context);
    fieldNames(context);
    fieldKeep();
  };
  if (first) step();
  else field.job = requestAnimationFrame(step);
}

function fieldKeep() {
  field.finished.getContext("2d", { alpha: false }).drawImage(field.canvas, 0, 0);
  field.still = { x: field.x, y: field.y, scale: field.scale };
  by("field").dataset.ready = "yes";
}

const fieldInk = (verdict) => (verdict.mark === "cross" ? ink.alarm : ink.line);

function* fieldLines(context) {
  const { x, y, lines } = field.data;
  const [left, top] = fieldToWorld(0, 0);
  const [right, bottom] = fieldToWorld(field.width, field.height);
  const total = Object.values(lines).reduce((sum, ends) => sum + ends.length / 3, 0);
  for (const verdict of field.data.verdicts.filter(({ id }) => lines[id])) {
    const ends = lines[verdict.id];
    for (let from = 0; from < ends.length; from += fieldChunk * 3) {
      const path = new Path2D();
      for (let n = from; n < Math.min(ends.length, from + fieldChunk * 3); n += 3) {
        const [a, b] = [ends[n], ends[n + 1]];
        if ((x[a] < left && x[b] < left) || (x[a] > right && x[b] > right) || (y[a] < top && y[b] < top) || (y[a] > bottom && y[b] > bottom)) continue;
        path.moveTo(x[a], y[a]);
        path.lineTo(x[b], y[b]);
      }
      fieldWorld(context);
      context.globalAlpha = Math.min(0.8, Math.max(0.12, (field.scale * 6000) / Math.sqrt(total) / 60));
      context.strokeStyle = fieldInk(verdict);
      context.lineWidth = Math.max(1.2, 0.7 / field.scale);
      context.setLineDash(field.scale > 0.5 ? styleOf(verdict).dash : []);
      context.stroke(path);
      yield;
    }
  }
  context.setLineDash([]);
  if (field.chosen >= 0) fieldStar(context, field.chosen);
}

// The lines of one box, strong.
function fieldStar(context, n) {
  const { x, y } = field.data;
  fieldWorld(context);
  context.globalAlpha = 1;
  context.lineWidth = 1.8 / field.scale;
  for (const [other, id] of field.near[n]) {
    context.strokeStyle = fieldInk(field.data.verdicts.find((verdict) => verdict.id === id) || {});
    context.beginPath();
    context.moveTo(x[n], y[n]);
    context.lineTo(x[other], y[other]);
    context.stroke();
  }
}

function* fieldVisible() {
  const [left, top] = fieldToWorld(0, 0).map((n) => Math.floor((n - 100) / fieldCell));
  const [right, bottom] = fieldToWorld(field.width, field.height).map((n) => Math.floor((n + 100) / fieldCell));
  if ((right - left) * (bottom - top) > field.grid.size * 2) { yield* Array(field.count).keys(); return; }
  for (let i = left; i <= right; i += 1) for (let j = top; j <= bottom; j += 1) yield* field.grid.get(`${i},${j}`) || [];
}

function fieldBoxes(context) {
  const { x, y, widths: wide, types: kinds, styles } = field.data;
  const groups = new Map();
  const high = field.scale > 0.45 ? 26 : Math.max(13, 2.8 / field.scale);
  for (const n of fieldVisible()) {
    if (!groups.has(kinds[n])) groups.set(kinds[n], []);
    groups.get(kinds[n]).push(n);
  }
  fieldWorld(context);
  context.globalAlpha = 1;
  const isNear = field.scale > 0.45;
  for (const [kind, members] of groups) {
    const style = styles[kind] ? styles[kind][theme()] : { line: ink.line, tint: ink.page };
    const path = new Path2D();
    for (const n of members) {
      const w = isNear ? wide[n] : Math.max(wide[n] * 0.25, 3.6 / field.scale) * Math.min(2.5, 1 + field.degree[n] / 40);
      path.rect(x[n] - w / 2, y[n] - high / 2, w, high);
    }
    context.fillStyle = isNear ? style.tint : style.line;
    context.fill(path);
    if (!isNear) continue;
    context.strokeStyle = style.line;
    context.lineWidth = 1.6;
    context.stroke(path);
  }
}

// Names: near, all in their boxes; from afar, those with most lines that do not touch each other.
function fieldNames(context) {
  const { x, y, labels } = field.data;
  const isNear = field.scale > 0.45;
  fieldWhole(context);
  context.globalAlpha = 1;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.font = `600 12.5px ${ink.font}`;
  const taken = new Set();
  let left = isNear ? 400 : 70;
  const wanted = field.chosen >= 0 ? [field.chosen, ...field.order] : field.order;
  for (const n of wanted) {
    const px = (x[n] - field.x) * field.scale + field.width / 2;
    const py = (y[n] - field.y) * field.scale + field.height / 2;
    if (px < 0 || py < 0 || px > field.width || py > field.height) continue;
    const keys = isNear ? [] : fieldKeys(px, py, labels[n].length * 7);
    if (keys.some((key) => taken.has(key))) continue;
    keys.forEach((key) => taken.add(key));
    context.fillStyle = ink.text;
    if (isNear) fieldName(context, n, px, py);
    else { context.strokeStyle = ink.page; context.lineWidth = 4; context.strokeText(labels[n], px, py - 10); context.fillText(labels[n], px, py - 10); }
    if ((left -= 1) === 0) return;
  }
}

function fieldName(context, n, px, py) {
  const { text, size } = fitted(field.data.labels[n], 600, 15, field.data.widths[n] - 8);
  context.font = `600 ${size * field.scale}px ${ink.font}`;
  context.fillText(text, px, py);
}

function fieldKeys(px, py, wide) {
  const keys = [];
  for (let i = Math.floor((px - wide / 2) / 40); i <= Math.floor((px + wide / 2) / 40); i += 1) {
    const j = Math.floor(py / 22);
    keys.push(`${i},${j}`, `${i},${j + 1}`);
  }
  return keys;
}
