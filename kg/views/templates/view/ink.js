// Shapes, lines and colours: the same for the canvas, the legend and the saved picture.

const ink = {};
const theme = () => document.documentElement.dataset.theme;

function readInk() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["page", "side", "rule", "text", "muted", "line", "alarm", "ring", "font"]) {
    ink[name] = style.getPropertyValue(`--${name}`).trim();
  }
}

const colours = (type) => (type || {})[theme()] || { line: ink.line, tint: ink.page };

const roundedPath = (x, y, w, h, r) =>
  `M${x + r},${y}h${w - 2 * r}a${r},${r} 0 0 1 ${r},${r}v${h - 2 * r}a${r},${r} 0 0 1 ${-r},${r}` +
  `h${2 * r - w}a${r},${r} 0 0 1 ${-r},${-r}v${2 * r - h}a${r},${r} 0 0 1 ${r},${-r}z`;
const cutPath = (x, y, w, h, cx, cy) =>
  `M${x + cx},${y}h${w - 2 * cx}l${cx},${cy}v${h - 2 * cy}l${-cx},${cy}h${2 * cx - w}l${-cx},${-cy}v${2 * cy - h}z`;
const circlePath = (x, y, r) => `M${x - r},${y}a${r},${r} 0 1 0 ${2 * r},0a${r},${r} 0 1 0 ${-2 * r},0z`;
const shapes = {
  "bar-box": (x, y, w, h) => roundedPath(x, y, w, h, Math.min(2, h / 8)),
  box: (x, y, w, h) => roundedPath(x, y, w, h, Math.min(2, h / 8)),
  octagon: (x, y, w, h) => cutPath(x, y, w, h, h * 0.2, h * 0.2),
  hexagon: (x, y, w, h) => cutPath(x, y, w, h, h * 0.28, h / 2),
  rounded: (x, y, w, h) => roundedPath(x, y, w, h, Math.min(12, h / 3)),
  pill: (x, y, w, h) => roundedPath(x, y, w, h, h / 2),
  circle: (x, y, w, h) => roundedPath(x, y, w, h, h / 2),
};
const shapeOf = (type) => shapes[(type || {}).shape] || shapes.box;
const hasBar = (type) => (type || {}).shape === "bar-box";

const styleOf = (verdict) => view.lines[verdict.line] || view.lines.solid;

// How a line of a verdict is drawn; a double line is drawn once more, thinner, in the colour of the page.
function strokeOf(verdict, colour = isAlarm(verdict) ? ink.alarm : ink.line) {
  return {
    stroke: colour,
    width: styleOf(verdict).width + (isAlarm(verdict) ? 0.4 : 0),
    dash: styleOf(verdict).dash,
    cap: styleOf(verdict).round ? "round" : "butt",
  };
}

function drawMark(pen, x, y, mark, r = 7) {
  const n = r * 0.45;
  pen.path(circlePath(x, y, r), { fill: ink.page, stroke: ink.alarm, width: 1.8 });
  if (mark === "cross") pen.path(`M${x - n},${y - n}l${2 * n},${2 * n}m0,${-2 * n}l${-2 * n},${2 * n}`, { stroke: ink.alarm, width: 1.8 });
  else pen.path(`M${x},${y - r}a${r},${r} 0 0 0 0,${2 * r}z`, { fill: ink.alarm });
}

// --- samples for the legend and the panel --------------------------------------------------------

function sampled(width, height, draw) {
  const pen = svgPen();
  draw(pen);
  return svg("svg", { class: "sample", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...pen.parts);
}

function shapeSample(type) {
  const { line, tint } = colours(type);
  return sampled(28, 18, (pen) => {
    pen.path(shapeOf(type)(1.5, 2, 25, 14), { fill: tint, stroke: line, width: 1.75 });
    if (hasBar(type)) pen.path("M3,2v14", { stroke: line, width: 4 });
  });
}

function lineSample(verdict) {
  return sampled(40, 16, (pen) => {
    const stroke = strokeOf(verdict);
    pen.path("M2,8h36", { ...stroke, dash: stroke.dash.map((n) => (n === 9 ? 7 : n)) });
    if (verdict.line === "double") pen.path("M2,8h36", { stroke: ink.side, width: 1.6 });
    if (verdict.mark) drawMark(pen, 20, 8, verdict.mark, 6);
  });
}
