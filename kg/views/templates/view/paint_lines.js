// Painting lines, their labels and the heads of the columns, with either pen.

const isStrong = (edge) => edge.id === state.line || edge.id === pointed.line;

function paintLine(pen, edge, route) {
  const { verdict } = scene.lines.get(edge.id);
  const style = strokeOf(verdict, isAlarm(verdict) ? ink.alarm : isStrong(edge) ? ink.text : ink.line);
  if (isStrong(edge)) style.width += 1.1;
  pen.alpha(lineAlpha(edge));
  pen.path(route.path, style);
  if (verdict.line === "double") pen.path(route.path, { stroke: ink.page, width: style.width - 2.8 });
  pen.path(tipPath(route.tip), { fill: style.stroke });
}

function tipPath([x, y, angle]) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turn = (dx, dy) => `${round(x + dx * cos - dy * sin)},${round(y + dx * sin + dy * cos)}`;
  return `M${turn(0, 0)}L${turn(-10, 4.6)}L${turn(-10, -4.6)}z`;
}

function paintLabel(pen, edge, route) {
  const { verdict, isWhole, label } = scene.lines.get(edge.id);
  const mark = verdict.mark && (isWhole && route.mark ? route.mark : markOn(route.tip));
  const words = isWhole || !route.plate ? route.lines || [] : wrapped(label, route.plate[2] - 4);
  const all = [...words, ...(verdict.mark ? [verdict.label] : [])];
  if (route.plate) paintPlate(pen, route.plate, all);
  pen.alpha(lineAlpha(edge));
  if (route.plate) paintWords(pen, edge, all, verdict, route.plate);
  if (mark) drawMark(pen, mark[0], mark[1], verdict.mark);
}

const markOn = ([x, y, angle]) => [x - 24 * Math.cos(angle), y - 24 * Math.sin(angle)];

function wrapped(text, room) {
  const found = [""];
  for (const word of text.split(" ")) {
    const longer = `${found.at(-1)} ${word}`.trim();
    if (measured(longer, 400, 13) <= room || !found.at(-1)) found[found.length - 1] = longer;
    else found.push(word);
  }
  return found.length > 4 ? [...found.slice(0, 3), `${found[3]} …`] : found;
}

function paintPlate(pen, [x, y, width], words) {
  const wide = Math.min(width, Math.max(0, ...words.map((text) => measured(text, 600, 13))) + 8);
  const high = words.length * 15.5 + 3;
  pen.alpha(1);
  pen.path(`M${round(x - wide / 2)},${round(y - high / 2)}h${round(wide)}v${high}h${-round(wide)}z`, { fill: ink.page });
}

function paintWords(pen, edge, words, verdict, [x, y, width]) {
  words.forEach((text, n) => {
    const isVerdict = verdict.mark && n === words.length - 1;
    const fill = isAlarm(verdict) || isVerdict ? ink.alarm : ink.text;
    const weight = isVerdict || edge.id === state.line ? 650 : 400;
    pen.text(text, x, y + (n - (words.length - 1) / 2) * 15.5 + 0.5, { fill, weight, size: 13, room: width - 4 });
  });
}

function paintHeads(pen) {
  const isNarrowed = scene.kept.size < nodes.length;
  const [, middle, , height] = frameNow();
  const isUsed = (head) => [...scene.kept].some((id) => Math.abs(home.get(id)[0] - head.x) < 8);
  for (const head of view.heads) {
    const y = isNarrowed ? middle - height / 2 + 12 : head.y;
    if (!isNarrowed || isUsed(head)) pen.text(head.label, head.x, y, { fill: ink.muted, weight: 600, size: 15 });
  }
}

// All that lies below the boxes: faint lines first, so that bright ones cross over them.
function paintBelow(pen) {
  const routed = edges.filter(isOnStage).map((edge) => [edge, routeOf(edge)]).filter(([, route]) => route);
  routed.sort(([a], [b]) => lineAlpha(a) - lineAlpha(b));
  paintHeads(pen);
  for (const [edge, route] of routed) paintLine(pen, edge, route);
  for (const [edge, route] of routed) if (scene.lines.get(edge.id).isShown) paintLabel(pen, edge, route);
  pen.alpha(1);
}

// A line whose label found no place says it while it is pointed at or chosen.
function paintAbove(pen) {
  const edge = lines.get(pointed.line) || lines.get(state.line);
  if (!edge || !edge.kg.label || !isOnStage(edge)) return;
  const route = routeOf(edge);
  if (route && route.plate) return;
  const { x, y } = middleOf(edge);
  const made = fitted(scene.lines.get(edge.id).label || edge.kg.label, 600, 13, 560);
  const width = measured(made.text, 600, made.size) + 16;
  pen.path(roundedPath(x - width / 2, y - 13, width, 26, 5), { fill: ink.page, stroke: ink.line });
  pen.text(made.text, x, y, { fill: ink.text, weight: 600, size: made.size });
}

function paintAll(pen, paint = (node, at) => paintBox(pen, node, at)) {
  paintBelow(pen);
  if (!view.layered) for (const edge of edges.filter(isOnStage)) paintStraight(pen, edge);
  for (const node of nodes) if (scene.kept.has(node.id)) paint(node, placeOf(node.id));
}

function paintStraight(pen, edge) {
  const { verdict, isShown: isSeen } = scene.lines.get(edge.id);
  if (!isSeen) return;
  const [a, b] = [edge.from, edge.to].map(placeOf);
  pen.alpha(lineAlpha(edge));
  pen.path(`M${a}L${b}`, strokeOf(verdict));
}
