// Painting lines, labels and column heads on the canvas.

function stroke(context, edge, verdict) {
  const strong = edge.id === chosen.edge || edge.id === hover.edge;
  context.strokeStyle = verdict.mark === "cross" ? ink.alarm : strong ? ink.text : ink.line;
  context.lineWidth = (widths[verdict.line] || 1.75) + (strong ? 1.1 : 0) + (verdict.mark === "cross" ? 0.4 : 0);
  context.setLineDash(dashes[verdict.line] || []);
  context.lineCap = verdict.line === "dotted" ? "round" : "butt";
  context.stroke(edge.path);
  if (verdict.line !== "double") return;
  context.strokeStyle = ink.page;
  context.lineWidth -= 2.8;
  context.stroke(edge.path);
}

function paintTip(context, [x, y, angle], colour) {
  context.save();
  context.translate(x, y);
  context.rotate(angle);
  context.fillStyle = colour;
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(-10, 4.6);
  context.lineTo(-10, -4.6);
  context.fill();
  context.restore();
}

function paintLine(context, edge) {
  const verdict = verdictOf(edge.kg.verdict);
  const strong = edge.id === chosen.edge || edge.id === hover.edge;
  context.save();
  context.globalAlpha = edgeAlpha(edge);
  stroke(context, edge, verdict);
  paintTip(context, edge.kg.tip, verdict.mark === "cross" ? ink.alarm : strong ? ink.text : ink.line);
  context.restore();
}

function paintMark(context, [x, y], mark) {
  context.setLineDash([]);
  context.lineWidth = 1.8;
  context.strokeStyle = ink.alarm;
  context.fillStyle = ink.page;
  context.beginPath();
  context.arc(x, y, 7, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.beginPath();
  if (mark === "cross") {
    context.moveTo(x - 3.2, y - 3.2);
    context.lineTo(x + 3.2, y + 3.2);
    context.moveTo(x + 3.2, y - 3.2);
    context.lineTo(x - 3.2, y + 3.2);
    context.stroke();
  } else {
    context.arc(x, y, 7, Math.PI / 2, -Math.PI / 2);
    context.fillStyle = ink.alarm;
    context.fill();
  }
}

function paintLabel(context, edge) {
  const verdict = verdictOf(edge.kg.verdict);
  const { plate, lines: words, mark } = edge.kg;
  context.save();
  const all = [...words, ...(verdict.mark ? [verdict.label] : [])];
  if (plate) paintPlate(context, plate, all);
  context.globalAlpha = edgeAlpha(edge);
  if (plate) paintWords(context, edge, all, verdict);
  if (mark) paintMark(context, mark, verdict.mark);
  context.restore();
}

function paintPlate(context, [x, y, width, height], words) {
  context.font = `600 13px ${ink.font}`;
  const wide = Math.min(width, Math.max(...words.map((text) => context.measureText(text).width)) + 8);
  context.fillStyle = ink.page;
  context.fillRect(x - wide / 2, y - height / 2, wide, height);
}

function paintWords(context, edge, words, verdict) {
  const [x, y, width] = edge.kg.plate;
  const weight = edge.id === chosen.edge ? 650 : 400;
  context.textAlign = "center";
  context.textBaseline = "middle";
  words.forEach((text, n) => {
    const isWord = verdict.mark && n === words.length - 1;
    context.fillStyle = verdict.mark === "cross" || isWord ? ink.alarm : ink.text;
    const at = y + (n - (words.length - 1) / 2) * 15.5;
    context.fillText(fitted(context, text, isWord ? 650 : weight, 13, width - 4), x, at + 0.5);
  });
}

function paintHeads(context) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = ink.muted;
  context.font = `600 15px ${ink.font}`;
  for (const head of view.heads) context.fillText(head.label, head.x, head.y);
}

function paintBelow(context) {
  paintHeads(context);
  const routed = edges.filter((edge) => edge.path);
  routed.sort((a, b) => edgeAlpha(a) - edgeAlpha(b));
  for (const edge of routed) paintLine(context, edge);
  for (const edge of routed) paintLabel(context, edge);
}

// A line whose label found no place says it while it is pointed at or chosen.
function paintAbove(context) {
  const edge = lines.get(hover.edge) || lines.get(chosen.edge);
  if (!edge || edge.kg.plate || !edge.kg.label) return;
  const { x, y } = middleOf(edge);
  context.save();
  context.font = `600 13px ${ink.font}`;
  const text = edge.kg.label.length > 90 ? `${edge.kg.label.slice(0, 89)}…` : edge.kg.label;
  const width = context.measureText(text).width + 16;
  context.fillStyle = ink.page;
  context.strokeStyle = ink.line;
  const plate = new Path2D(roundedPath(x - width / 2, y - 13, width, 26, 5));
  context.fill(plate);
  context.stroke(plate);
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = ink.text;
  context.fillText(text, x, y);
  context.restore();
}
