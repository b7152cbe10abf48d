// Search by any name: in any script, by another name, by how Chinese sounds.

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const tight = (text) => plain(text).replace(/[\s\p{P}]+/gu, "");
const index = nodes.map((node) => ({
  node,
  names: unique(node.kg.names.filter((name) => name.trim())).map((name) => ({ name, loose: plain(name), close: tight(name) })),
  sounds: (node.kg.sounds || []).map(tight),
}));
let picked = 0;

function search(text) {
  const [loose, close] = [plain(text.trim()), tight(text)];
  const hits = [];
  for (const { node, names, sounds } of index) {
    const found = names.find((one) => one.loose.includes(loose) || (close && one.close.includes(close)));
    const sound = !found && close && sounds.find((one) => one.startsWith(close));
    if (found) hits.push({ node, name: found.name, score: found.loose.startsWith(loose) ? 0 : 2 });
    else if (sound) hits.push({ node, name: sound, score: 1 });
  }
  return hits.sort((a, b) => a.score - b.score || a.name.length - b.name.length).slice(0, 12);
}

function found() {
  const text = by("find").value;
  const hits = text.trim() ? search(text) : [];
  const rows = hits.map(foundRow);
  if (text.trim() && !hits.length) rows.push(says("li", "none", "No box has such a name."));
  by("found").replaceChildren(...rows);
  by("found").hidden = !rows.length;
  by("find").setAttribute("aria-expanded", String(rows.length > 0));
  pick(0);
}

function foundRow({ node, name }, n) {
  const type = typeOf(node);
  const row = says("li", "", node.label);
  const also = [type && type.label, name !== node.label && name].filter(Boolean).join(" · ");
  if (also) row.append(says("small", "", also));
  row.id = `hit${n}`;
  row.dataset.node = node.id;
  row.setAttribute("role", "option");
  row.addEventListener("mousedown", (event) => { event.preventDefault(); take(row); });
  return row;
}

function pick(n) {
  const rows = [...by("found").querySelectorAll("[data-node]")];
  picked = rows.length ? (n + rows.length) % rows.length : 0;
  rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === picked)));
  if (rows.length) by("find").setAttribute("aria-activedescendant", rows[picked].id);
  else by("find").removeAttribute("aria-activedescendant");
  if (rows[picked]) rows[picked].scrollIntoView({ block: "nearest" });
}

function take(row) {
  if (!row) return;
  by("found").hidden = true;
  by("find").select();
  by("find").setAttribute("aria-expanded", "false");
  bringOnStage(row.dataset.node);
  choose({ box: row.dataset.node }, { look: true });
}

// What is found but not on the stage comes there: the focus ends, collapsed boxes open.
function bringOnStage(id) {
  if (!scene.kept.has(id)) act({ focus: "", depth: 1, grown: [], folded: [] });
}

function onFindKey(event) {
  const rows = by("found").querySelectorAll("[data-node]");
  const acts = {
    ArrowDown: () => pick(picked + 1),
    ArrowUp: () => pick(picked - 1),
    Enter: () => take(rows[picked]),
    Escape: () => { by("find").value = ""; found(); },
  };
  if (!acts[event.key]) return;
  event.preventDefault();
  event.stopPropagation();
  acts[event.key]();
}
