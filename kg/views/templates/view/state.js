// What the reader has set, in one object; the address says all of it, and Back undoes it.

const blank = Object.freeze({
  show: "picture", focus: "", depth: 1, grown: [], folded: [], from: "", to: "", longer: 0,
  box: "", line: "", facts: [], whose: "", knownBy: "", holds: "", hide: [], pins: {}, words: "", sort: "",
});
let state = blank;
let shownAddress = "";

const keyOf = (id) => boxes.get(id).kg.key || "";
const byKey = new Map(nodes.map((node) => [node.kg.key || "", node.id]));
const lineKey = (id) => [lines.get(id).from, lines.get(id).to].map(keyOf).concat(lines.get(id).kg.verdict);
const byLineKey = new Map(edges.map((edge) => [lineKey(edge.id).join("\n"), edge.id]));
const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text);

const one = (name, to = (value) => value, from = to) => ({
  write: () => (state[name] ? [to(state[name])] : []),
  read: ([text = ""]) => ({ [name]: from(text) || blank[name] }),
});
const box = (name) => one(name, keyOf, (key) => byKey.get(key));
const list = (name, to = (value) => value, from = to) => ({
  write: () => state[name].map(to),
  read: (texts) => ({ [name]: texts.map(from).filter(Boolean) }),
});

// A word of the address -> the part of the state that it says.
const said = {
  show: { write: () => (state.show === blank.show ? [] : [state.show]), read: ([show]) => ({ show: panes.has(show) ? show : blank.show }) },
  focus: box("focus"),
  depth: { write: () => (state.focus && state.depth > 1 ? [state.depth] : []), read: ([n]) => ({ depth: clamp(Math.trunc(Number(n)) || 1, 1, 3) }) },
  grow: list("grown", keyOf, (key) => byKey.get(key)),
  fold: list("folded", keyOf, (key) => byKey.get(key)),
  from: box("from"),
  to: box("to"),
  longer: one("longer", String, (text) => clamp(Math.trunc(Number(text)) || 0, 0, 2)),
  box: box("box"),
  line: { write: () => (state.line ? lineKey(state.line) : []), read: (texts) => ({ line: byLineKey.get(texts.join("\n")) || "" }) },
  fact: list("facts", (id) => id, (id) => (facts.has(id) ? id : "")),
  of: box("whose"),
  "known-by": one("knownBy", (day) => day, (day) => (isDay(day) ? day : "")),
  holds: one("holds", (day) => day, (day) => (isDay(day) ? day : "")),
  hide: list("hide"),
  pin: {
    write: () => Object.entries(state.pins).flatMap(([id, [x, y]]) => [keyOf(id), Math.round(x), Math.round(y)]),
    read: (texts) => ({ pins: Object.fromEntries(threes(texts).filter(([key, x, y]) => byKey.has(key) && isFinite(x) && isFinite(y)).map(([key, x, y]) => [byKey.get(key), [Number(x), Number(y)]])) }),
  },
  words: one("words"),
  sort: one("sort"),
};
const threes = (list) => Array.from({ length: Math.floor(list.length / 3) }, (_, n) => list.slice(3 * n, 3 * n + 3));

function address() {
  const parts = Object.entries(said).map(([name, { write }]) => [name, write()]).filter(([, texts]) => texts.length);
  return parts.map(([name, texts]) => `${name}=${texts.map(encoded).join(",")}`).join("&");
}

const encoded = (text) => encodeURIComponent(String(text).replace(/\p{Cs}/gu, "\ufffd")); // half a pair has no code

function decoded(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function stateAt(hash) {
  const found = { ...blank };
  for (const part of hash.replace(/^#/, "").split("&")) {
    const [name, ...rest] = part.split("=");
    if (Object.hasOwn(said, name)) Object.assign(found, said[name].read(rest.join("=").split(",").map(decoded)));
  }
  return found;
}

// The one way to change anything. What is still moving replaces the last step, so that Back undoes all of it.
function act(change, { moving = false } = {}) {
  state = { ...state, ...change };
  remember(moving);
  render();
}

let isMoving = false;
const steps = () => (history.state && history.state.steps) || 0;

function remember(moving) {
  const next = `#${address()}`;
  if (next !== shownAddress || moving !== isMoving) {
    const isStep = next !== shownAddress && !isMoving;
    history[isStep ? "pushState" : "replaceState"]({ steps: steps() + (isStep ? 1 : 0) }, "", document.URL.split("#")[0] + next);
  }
  [isMoving, shownAddress] = [moving, next];
}

function recall() {
  state = stateAt(location.hash);
  [isMoving, shownAddress] = [false, `#${address()}`];
  render();
}

const undo = () => { if (steps()) history.back(); };
