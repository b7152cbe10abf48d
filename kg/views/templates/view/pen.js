// Two pens with the same strokes: one for the canvas, one that writes SVG. What is painted is written once.

const tape = document.createElement("canvas").getContext("2d");
const fits = new Map();

// A text as it fits into some room: smaller first, then shortened.
function fitted(text, weight, size, room) {
  const key = `${weight} ${size} ${room} ${text}`;
  if (!fits.has(key)) fits.set(key, fit(text, weight, size, room));
  return fits.get(key);
}

function measured(text, weight, size) {
  tape.font = `${weight} ${size}px ${ink.font}`;
  return tape.measureText(text).width;
}

function fit(text, weight, size, room) {
  const wide = measured(text, weight, size);
  if (wide <= room) return { text, size };
  const small = Math.max(size * 0.8, (size * room) / wide);
  if (measured(text, weight, small) <= room) return { text, size: small };
  let short = text.slice(0, 400);
  while (short && measured(`${short}…`, weight, small) > room) short = short.slice(0, -1);
  return { text: `${short}…`, size: small };
}

const paths = new Map(); // the text of a path -> what the canvas draws

function pathOf(d) {
  if (paths.size > 20000) paths.clear();
  if (!paths.has(d)) paths.set(d, new Path2D(d));
  return paths.get(d);
}

function canvasPen(context) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  return {
    alpha(alpha) { context.globalAlpha = alpha; },
    path(d, { fill, stroke, width = 1, dash = [], cap = "butt" }) {
      if (fill) { context.fillStyle = fill; context.fill(pathOf(d)); }
      if (!stroke) return;
      Object.assign(context, { strokeStyle: stroke, lineWidth: width, lineCap: cap });
      context.setLineDash(dash);
      context.stroke(pathOf(d));
    },
    text(words, x, y, { fill, weight = 400, size, room = Infinity }) {
      const made = fitted(words, weight, size, room);
      context.font = `${weight} ${made.size}px ${ink.font}`;
      context.fillStyle = fill;
      context.fillText(made.text, x, y);
    },
  };
}

const round = (number) => Math.round(number * 100) / 100;
const writable = (text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, ""); // in XML

function svgPen() {
  const parts = [];
  let alpha = 1;
  const shown = () => (alpha < 1 ? { opacity: alpha } : {});
  return {
    parts,
    alpha(value) { alpha = value; },
    path(d, { fill, stroke, width = 1, dash = [], cap = "butt" }) {
      const line = stroke ? { stroke, "stroke-width": round(width) } : {};
      if (dash.length) line["stroke-dasharray"] = dash.join(" ");
      if (cap !== "butt") line["stroke-linecap"] = cap;
      parts.push(svg("path", { d, fill: fill || "none", ...line, ...shown() }));
    },
    text(words, x, y, { fill, weight = 400, size, room = Infinity }) {
      const made = fitted(words, weight, size, room);
      const place = { x: round(x), y: round(y + made.size * 0.36), "text-anchor": "middle" };
      const element = svg("text", { ...place, fill, "font-size": round(made.size), ...(weight > 400 ? { "font-weight": weight } : {}), ...shown() });
      element.textContent = writable(made.text);
      parts.push(element);
    },
  };
}
