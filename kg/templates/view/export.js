// The picture as a file.

function save() {
  const [x, y, width, height] = view.frame;
  const scale = Math.min(2, 12000 / (Math.max(width, height) + 80));
  const canvas = Object.assign(document.createElement("canvas"), { width: (width + 80) * scale, height: (height + 80) * scale });
  const context = canvas.getContext("2d");
  context.fillStyle = ink.page;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.translate(width / 2 + 40 - x, height / 2 + 40 - y);
  paintBelow(context);
  if (!view.layered) paintStraight(context);
  for (const node of nodes) paintNode(context, node, node.x, node.y);
  canvas.toBlob((blob) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: "picture.png" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

function paintStraight(context) {
  context.strokeStyle = ink.line;
  for (const edge of edges) {
    const [a, b] = [boxes.get(edge.from), boxes.get(edge.to)];
    context.stroke(new Path2D(`M${a.x},${a.y}L${b.x},${b.y}`));
  }
}
