// What is shown, faded or bright.

const isOffNode = (node) => off.types.has(node.kg.type);
const isOffEdge = (edge) =>
  off.verdicts.has(edge.kg.verdict) || isOffNode(boxes.get(edge.from)) || isOffNode(boxes.get(edge.to));
const touching = new Map(nodes.map((node) => [node.id, []]));
for (const edge of edges) {
  touching.get(edge.from).push(edge);
  if (edge.to !== edge.from) touching.get(edge.to).push(edge);
}

function isNear(edge) {
  if (chosen.edge) return edge.id === chosen.edge;
  return edge.from === chosen.node || edge.to === chosen.node;
}

function nodeAlpha(node) {
  if (isOffNode(node)) return 0.1;
  const mine = touching.get(node.id);
  if (off.verdicts.size && mine.length && mine.every(isOffEdge)) return 0.3;
  if (!chosen.node && !chosen.edge) return 1;
  return node.id === chosen.node || mine.some(isNear) ? 1 : 0.36;
}

function edgeAlpha(edge) {
  if (isOffEdge(edge)) return 0.07;
  return (chosen.node || chosen.edge) && !isNear(edge) ? 0.22 : 1;
}
