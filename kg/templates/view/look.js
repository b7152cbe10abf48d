// Looking around: near, far, all of it, and to whatever was chosen elsewhere.

function showAll(isFirst) {
  const top = by("notice").hidden || narrow.matches ? 0 : by("notice").offsetHeight + 12; // nothing stands behind the notice
  const { clientWidth: w, clientHeight: h } = by("canvas");
  if (!w || !h) return; // another pane is shown
  const [x, y, width, height] = frameNow();
  const scale = Math.min((w - 36) / Math.max(width, 1), (h - 36 - top) / Math.max(height, 1), 1.15);
  const least = narrow.matches ? 0.8 : 0.45;
  if (isFirst && nodes.length && view.layered && scale < least) {
    network.moveTo({ position: hub(), scale: narrow.matches ? 0.8 : 0.62 });
    return;
  }
  network.moveTo({ position: { x, y: y + (4 - top / 2) / scale }, scale });
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
