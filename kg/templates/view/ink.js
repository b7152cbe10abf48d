// Shapes and lines: one path for the canvas and for the legend.

const roundedPath = (x, y, w, h, r) =>
  `M${x + r},${y}h${w - 2 * r}a${r},${r} 0 0 1 ${r},${r}v${h - 2 * r}a${r},${r} 0 0 1 ${-r},${r}` +
  `h${2 * r - w}a${r},${r} 0 0 1 ${-r},${-r}v${2 * r - h}a${r},${r} 0 0 1 ${r},${-r}z`;
const cutPath = (x, y, w, h, cx, cy) =>
  `M${x + cx},${y}h${w - 2 * cx}l${cx},${cy}v${h - 2 * cy}l${-cx},${cy}h${2 * cx - w}l${-cx},${-cy}v${2 * cy - h}z`;
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
const dashes = { solid: [], dashed: [9, 5], dotted: [0.1, 5.5], double: [] };
const widths = { solid: 1.75, dashed: 1.75, dotted: 2.6, double: 4.4 };

function svg(tag, attributes, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

function shapeSample(type) {
  const d = shapeOf(type)(1.5, 2, 25, 14);
  const { line, tint } = type[theme()];
  const parts = [svg("path", { d, fill: tint, stroke: line, "stroke-width": 1.75 })];
  if (type.shape === "bar-box") parts.push(svg("path", { d: "M3,2v14", stroke: line, "stroke-width": 4 }));
  return svg("svg", { class: "sample", width: 28, height: 18, "aria-hidden": "true" }, ...parts);
}

function lineSample(verdict) {
  const colour = verdict.mark === "cross" ? ink.alarm : ink.line;
  const stroke = { stroke: colour, "stroke-width": widths[verdict.line] || 1.75, "stroke-linecap": verdict.line === "dotted" ? "round" : "butt" };
  const dash = (dashes[verdict.line] || []).map((n) => (n === 9 ? 7 : n)).join(" ");
  const parts = [svg("path", { d: "M2,8h36", fill: "none", ...stroke, ...(dash ? { "stroke-dasharray": dash } : {}) })];
  if (verdict.line === "double") parts.push(svg("path", { d: "M2,8h36", stroke: ink.side, "stroke-width": 1.6 }));
  if (verdict.mark) parts.push(...markSample(verdict.mark));
  return svg("svg", { class: "sample", width: 40, height: 16, "aria-hidden": "true" }, ...parts);
}

function markSample(mark) {
  const ring = svg("circle", { cx: 20, cy: 8, r: 6, fill: ink.page, stroke: ink.alarm, "stroke-width": 1.6 });
  if (mark === "cross") return [ring, svg("path", { d: "M17.4,5.4l5.2,5.2m0,-5.2l-5.2,5.2", stroke: ink.alarm, "stroke-width": 1.8 })];
  return [ring, svg("path", { d: "M20,2a6,6 0 0 0 0,12z", fill: ink.alarm })];
}
