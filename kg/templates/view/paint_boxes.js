// Painting boxes on the canvas.

function fitted(context, text, weight, size, room) {
  context.font = `${weight} ${size}px ${ink.font}`;
  const wide = context.measureText(text).width;
  if (wide <= room) return text;
  context.font = `${weight} ${Math.max(size * 0.8, (size * room) / wide)}px ${ink.font}`;
  let short = text;
  while (short && context.measureText(`${short}…`).width > room) short = short.slice(0, -1);
  return context.measureText(text).width <= room ? text : `${short}…`;
}

function isDenied(node) {
  const marks = touching.get(node.id).map((edge) => verdictOf(edge.kg.verdict).mark);
  return node.kg.outlook === "denied" || (node.kg.standIn && marks.includes("cross"));
}

function outline(context, node) {
  const denied = isDenied(node);
  const hollow = node.kg.standIn || denied;
  const { line, tint } = colours(node);
  context.fillStyle = hollow ? ink.page : tint;
  context.strokeStyle = denied ? ink.alarm : line;
  context.lineWidth = node.id === chosen.node || node.id === hover.node ? 3 : 1.75;
  context.setLineDash(hollow ? [6, 4] : node.kg.outlook === "planned" ? [0.1, 5] : []);
  context.lineCap = node.kg.outlook === "planned" && !hollow ? "round" : "butt";
  if (context.lineCap === "round") context.lineWidth += 0.9;
}

// From far away a box is a patch of its colour; thousands of them stay quick that way.
function paintPatch(context, node, x, y) {
  const { width, height } = node.kg;
  context.globalAlpha = nodeAlpha(node);
  context.fillStyle = colours(node).line;
  context.fillRect(x - width / 2, y - height / 2, width, height);
  context.globalAlpha = 1;
}

function paintNode(context, node, x, y) {
  const { width, height } = node.kg;
  const left = x - width / 2;
  const top = y - height / 2;
  const type = typeOf(node);
  context.save();
  node.path ||= new Path2D(shapeOf(type)(left, top, width, height));
  const { path } = node;
  context.fillStyle = ink.page;
  context.fill(path); // nothing shines through a faded box
  context.globalAlpha = nodeAlpha(node);
  outline(context, node);
  context.fill(path);
  context.stroke(path);
  if ((type || {}).shape === "bar-box" && !node.kg.standIn) {
    context.fillStyle = context.strokeStyle;
    context.fillRect(left, top, 6, height);
  }
  paintName(context, node, x + ((type || {}).shape === "bar-box" ? 3 : 0), y);
  context.restore();
}

function paintName(context, node, x, y) {
  const { face, sub, width } = node.kg;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = ink.text;
  let at = y - (face.length * 19 + (sub ? 16 : 0)) / 2 + 9.5;
  for (const text of face) {
    context.fillText(fitted(context, text, 600, 15, width - 18), x, at);
    at += 19;
  }
  context.fillStyle = ink.muted;
  if (sub) context.fillText(fitted(context, sub, 400, 12.5, width - 18), x, at - 1.5);
}
