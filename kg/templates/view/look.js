// Looking around.

function showAll(first) {
  const { clientWidth: w, clientHeight: h } = by("canvas");
  const [x, y, width, height] = view.frame;
  const scale = Math.min((w - 36) / Math.max(width, 1), (h - 36) / Math.max(height, 1), 1.15);
  const least = narrow.matches ? 0.8 : 0.45;
  if (first && nodes.length && view.layered && scale < least) return network.moveTo({ position: hub(), scale: narrow.matches ? 0.8 : 0.62 });
  return network.moveTo({ position: { x, y: y + 4 / scale }, scale });
}

function hub() {
  const best = [...boxes.values()].reduce((a, b) => (touching.get(b.id).length > touching.get(a.id).length ? b : a), nodes[0]);
  return { x: best.x, y: best.y };
}

function zoom(factor) {
  network.moveTo({ scale: Math.min(4, Math.max(0.05, network.getScale() * factor)) });
}

function middleOf(edge) {
  if (edge.kg.plate) return { x: edge.kg.plate[0], y: edge.kg.plate[1] };
  const [a, b] = [boxes.get(edge.from), boxes.get(edge.to)];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function comeToSee({ x, y }) {
  const { clientWidth: w, clientHeight: h } = by("canvas");
  const at = network.canvasToDOM({ x, y });
  const scale = Math.max(network.getScale(), 0.7);
  const isSeen = at.x > 30 && at.x < w - 30 && at.y > 30 && at.y < h - 30;
  if (!isSeen || scale !== network.getScale()) network.moveTo({ position: { x, y }, scale });
}
