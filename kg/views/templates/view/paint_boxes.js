// Painting boxes, with either pen.

const isPointed = (id) => id === state.box || id === pointed.box || id === state.from || id === state.to;

function isDenied(node) {
  const isCross = (edge) => isAlarm(scene.lines.get(edge.id).verdict);
  return node.kg.outlook === "denied" || Boolean(node.kg.standIn && touching.get(node.id).some(isCross));
}

function outline(node) {
  const [denied, planned] = [isDenied(node), node.kg.outlook === "planned"];
  const hollow = node.kg.standIn || denied;
  const { line, tint } = colours(typeOf(node));
  return {
    fill: hollow ? ink.page : tint,
    stroke: denied ? ink.alarm : line,
    width: (isPointed(node.id) ? 3 : 1.75) + (planned && !hollow ? 0.9 : 0),
    dash: hollow ? [6, 4] : planned ? [0.1, 5] : [],
    cap: planned && !hollow ? "round" : "butt",
  };
}

function paintBox(pen, node, [x, y]) {
  const { width, height, standIn } = node.kg;
  const type = typeOf(node);
  const path = shapeOf(type)(round(x - width / 2), round(y - height / 2), width, height);
  const style = outline(node);
  pen.alpha(1);
  pen.path(path, { fill: ink.page }); // nothing shines through a faint box
  pen.alpha(boxAlpha(node.id));
  pen.path(path, style);
  if (hasBar(type) && !standIn) pen.path(`M${round(x - width / 2)},${round(y - height / 2)}h6v${height}h-6z`, { fill: style.stroke });
  paintName(pen, node, x + (hasBar(type) ? 3 : 0), y);
  if (state.pins[node.id]) paintPin(pen, x + width / 2 - 8, y - height / 2, style.stroke);
  if (scene.more.has(node.id)) paintMore(pen, x + width / 2, y + height / 2, `+${scene.more.get(node.id)}`, style.stroke);
  pen.alpha(1);
}

function paintName(pen, node, x, y) {
  const { face, sub = "", width } = node.kg;
  let at = y - (face.length * 19 + (sub ? 16 : 0)) / 2 + 9.5;
  for (const text of face) {
    pen.text(text, x, at, { fill: ink.text, weight: 600, size: 15, room: width - 18 });
    at += 19;
  }
  if (sub) pen.text(sub, x, at - 1.5, { fill: ink.muted, size: 12.5, room: width - 18 });
}

function paintPin(pen, x, y, colour) {
  pen.path(circlePath(x, y, 4.5), { fill: ink.page, stroke: colour, width: 1.75 });
  pen.path(circlePath(x, y, 1.8), { fill: colour });
}

function paintMore(pen, x, y, text, colour) {
  const wide = measured(text, 600, 12) + 12;
  pen.path(roundedPath(round(x - wide / 2), round(y - 9), round(wide), 18, 9), { fill: ink.page, stroke: colour, width: 1.5 });
  pen.text(text, x, y + 0.5, { fill: ink.text, weight: 600, size: 12 });
}

// From far away a box is a patch of its colour; thousands of them stay quick that way.
function paintPatch(context, node, [x, y]) {
  const { width, height } = node.kg;
  context.globalAlpha = boxAlpha(node.id);
  context.fillStyle = colours(typeOf(node)).line;
  context.fillRect(x - width / 2, y - height / 2, width, height);
  context.globalAlpha = 1;
}

// How a canvas shows boxes at a scale.
const paintAt = (context, scale) => (view.layered || scale > 0.2 ? (node, at) => paintBox(canvasPen(context), node, at) : (node, at) => paintPatch(context, node, at));
