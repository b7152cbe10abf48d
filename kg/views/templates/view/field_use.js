// Using the field: mouse, touch, keys, finding a name, and the card of a box.

function fieldAt(px, py) {
  const [wx, wy] = fieldToWorld(px, py);
  const reach = Math.max(14, 8 / field.scale);
  const [i, j] = [Math.floor(wx / fieldCell), Math.floor(wy / fieldCell)];
  let best = -1;
  let least = Infinity;
  for (let di = -1; di <= 1; di += 1) for (let dj = -1; dj <= 1; dj += 1) {
    for (const n of field.grid.get(`${i + di},${j + dj}`) || []) {
      const [dx, dy] = [Math.abs(field.data.x[n] - wx), Math.abs(field.data.y[n] - wy)];
      const fits = dx < Math.max(field.data.widths[n] / 2, reach) && dy < reach;
      if (fits && dx + dy < least) [best, least] = [n, dx + dy];
    }
  }
  return best;
}

function fieldListen() {
  const { canvas } = field;
  const fingers = new Map();
  let moved = 0;
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    fieldZoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return fieldHover(fieldAt(event.offsetX, event.offsetY));
    moved += Math.abs(event.offsetX - before[0]) + Math.abs(event.offsetY - before[1]);
    const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    if (others.length) fieldPinch(before, [event.offsetX, event.offsetY], others[0]);
    else { field.x -= (event.offsetX - before[0]) / field.scale; field.y -= (event.offsetY - before[1]) / field.scale; fieldMove(); }
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
  });
  const lift = (event) => {
    if (fingers.delete(event.pointerId) && moved < 6 && event.type === "pointerup") fieldChoose(fieldAt(event.offsetX, event.offsetY));
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("keydown", fieldKey);
  addEventListener("resize", () => { if (by("field").open) { fieldSize(); fieldDraw(); } });
  by("field-close").addEventListener("click", () => by("field").close());
  by("field-fit").addEventListener("click", fieldFit);
  by("field-find").addEventListener("input", fieldFind);
}

function fieldPinch(before, now, other) {
  const far = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) || 1;
  fieldZoom(far(now, other) / far(before, other), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
}

function fieldKey(event) {
  const step = 80 / field.scale;
  const acts = {
    ArrowLeft: () => { field.x -= step; }, ArrowRight: () => { field.x += step; },
    ArrowUp: () => { field.y -= step; }, ArrowDown: () => { field.y += step; },
    "+": () => fieldZoom(1.25), "-": () => fieldZoom(0.8), 0: fieldFit,
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  acts[event.key]();
  fieldMove();
}

function fieldHover(n) {
  if (n === field.hover) return;
  field.hover = n;
  field.canvas.style.cursor = n < 0 ? "grab" : "pointer";
  field.canvas.title = n < 0 ? "" : field.data.labels[n];
}

function fieldChoose(n) {
  field.chosen = n;
  fieldCard(n);
  fieldDraw();
}

const fieldType = (n) => (field.data.styles[field.data.types[n]] || { label: "" }).label;

// The card of a box: what it is, whom it is joined to, and how to see the claims.
function fieldCard(n) {
  if (n < 0) {
    by("field-card").replaceChildren(says("p", "muted", "Drag to move, turn the wheel to zoom. Click a box, or find one by its name, to see what it is joined to. From near, lines are dashed, dotted or red by how sure they are."));
    return;
  }
  const near = new Map();
  for (const [other, ...said] of field.near[n]) near.set(other, [...(near.get(other) || []), said]);
  const list = [...near].sort((a, b) => field.degree[b[0]] - field.degree[a[0]] || a[0] - b[0]).slice(0, 200).map(([other, said]) => {
    const row = make("li", "", press("", field.data.labels[other], () => fieldGo(other)));
    for (const [id, word, way] of said) row.append(fieldSaid(id, word, way));
    return row;
  });
  by("field-card").replaceChildren(
    says("h2", "", field.data.labels[n]),
    says("p", "muted", `${fieldType(n)} · joined to ${near.size}`),
    says("p", "", "Its claims, speakers and sources, on a page of its own:"),
    says("code", "", `kg view --focus ${field.data.ids[n]} -o FILE.html`),
    make("ul", "", list),
  );
}

// What one line says: its direction, its words, and how sure it is; what is denied never reads like a plain fact.
function fieldSaid(id, word, way) {
  const verdict = field.data.verdicts.find((one) => one.id === id) || { label: id };
  const said = says("small", "muted", `${way} ${field.data.words[word]}, `);
  said.append(says("b", verdict.mark ? "word alarm" : "word", verdict.label));
  return said;
}

function fieldFind() {
  const words = by("field-find").value.trim().toLowerCase();
  const hits = [];
  if (words) for (const n of field.order) {
    if (field.data.labels[n].toLowerCase().includes(words)) hits.push(n);
    if (hits.length === 12) break;
  }
  const rows = hits.map((n) => {
    const row = make("li", "", press("", field.data.labels[n], () => fieldGo(n)));
    row.append(says("small", "muted", ` ${fieldType(n)}`));
    return row;
  });
  by("field-card").replaceChildren(words ? says("p", "muted", hits.length ? "Found" : "No box has such a name.") : "", make("ul", "", rows));
}
