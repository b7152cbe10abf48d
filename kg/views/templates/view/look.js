// Looking around: near, far, all of it, and to whatever was chosen elsewhere.

// From where all is seen, or at first, where that would be too small to read, the middle of it; null where there is no room.
function whereAll(isFirst) {
  const top = by("notice").hidden || narrow.matches ? 0 : by("notice").offsetHeight + 12; // nothing stands behind the notice
  const { clientWidth: w, clientHeight: h } = by("canvas");
  if (!w || !h) return null; // another pane is shown
  const [x, y, width, height] = frameNow();
  const scale = Math.min((w - 36) / Math.max(width, 1), (h - 36 - top) / Math.max(height, 1), 1.15);
  const least = narrow.matches ? 0.8 : 0.45;
  const isSmall = isFirst && nodes.length && view.layered && scale < least;
  if (isSmall) return { position: hub(), scale: narrow.matches ? 0.8 : 0.62 };
  return { position: { x, y: y + (4 - top / 2) / scale }, scale };
}

function showAll(isFirst) {
  const where = whereAll(isFirst);
  if (where) network.moveTo(where);
}

// The picture as it will be, before vis-network is read: that takes longer than all of this.
function firstLook() {
  const where = whereAll(true);
  if (!where) return;
  const canvas = by("first-look");
  const { clientWidth: w, clientHeight: h } = canvas;
  const [{ x, y }, scale] = [where.position, where.scale];
  Object.assign(canvas, { width: w * devicePixelRatio, height: h * devicePixelRatio });
  const context = canvas.getContext("2d");
  context.scale(devicePixelRatio, devicePixelRatio);
  context.transform(scale, 0, 0, scale, w / 2 - x * scale, h / 2 - y * scale);
  paintAll(canvasPen(context), paintAt(context, scale));
  by("picture").dataset.painted = "yes";
}

function hub() {
  const best = state.focus || [...scene.kept].reduce((a, b) => (touching.get(b).length > touching.get(a).length ? b : a));
  const [x, y] = placeOf(best);
  return { x, y };
}

function zoom(factor) {
  network.moveTo({ scale: clamp(network.getScale() * factor, 0.05, 4) });
}

function comeToSee({ x, y }) {
  const { clientWidth: w, clientHeight: h } = by("canvas");
  const at = network.canvasToDOM({ x, y });
  const scale = Math.max(network.getScale(), 0.7);
  const isSeen = at.x > 30 && at.x < w - 30 && at.y > 30 && at.y < h - 30;
  if (!isSeen || scale !== network.getScale()) network.moveTo({ position: { x, y }, scale });
}

function comeToSeeChosen() {
  if (state.show !== "picture") return;
  const edge = lines.get(state.line);
  if (edge) comeToSee(middleOf(edge));
  else if (state.box) comeToSee({ x: placeOf(state.box)[0], y: placeOf(state.box)[1] });
}
