// What the picture shows: which boxes and lines, how bright, and under which verdict. Derived from the state, all at once.

let scene = null;
const pointed = { box: "", line: "" }; // at what the mouse points; nothing to remember

function derive() {
  const seen = seenFacts(state);
  const seenLines = new Map(edges.map((edge) => [edge.id, seenLine(edge, seen)]));
  const near = (id) => touching.get(id).filter((edge) => seenLines.get(edge.id).isShown);
  const kept = keptBoxes(near);
  const ways = state.from && state.to ? findWays(state.from, state.to, near, state.longer) : [];
  return { seen, lines: seenLines, near, kept, ways, more: hiddenNeighbours(near, kept), lit: litParts(near, ways), counts: counts(seen) };
}

const isHiddenKind = (id) => state.hide.includes(`kind:${boxes.get(id).kg.type}`);

// The facts of a line that are to be seen, and the gravest verdict among them: the ontology's order.
function seenLine(edge, seen) {
  const shown = edge.kg.facts.filter((id) => seen.get(id) && seen.get(id).isShown);
  const isWhole = shown.length === edge.kg.facts.length && shown.every((id) => seen.get(id).verdict === edge.kg.verdict);
  const ids = shown.map((id) => seen.get(id).verdict).sort((a, b) => (rank.get(a) ?? 99) - (rank.get(b) ?? 99));
  const labels = unique((edge.kg.labels || [edge.kg.label]).filter((_, n) => shown.includes(edge.kg.facts[n])));
  const label = isWhole ? edge.kg.label || "" : labels.join(", ");
  return { facts: shown, verdict: verdictOf(ids[0] || edge.kg.verdict), isWhole, label, isShown: shown.length > 0 && !isHiddenKind(edge.from) && !isHiddenKind(edge.to) };
}

// --- focus, expand, collapse ---------------------------------------------------------------------

// The boxes on the stage: around the focus, without what hangs on a collapsed box, with what was expanded.
function keptBoxes(near) {
  const kept = state.focus ? around(state.focus, state.depth, near) : withoutFolded(near);
  for (const id of state.grown) if (kept.has(id)) near(id).forEach((edge) => kept.add(other(edge, id)));
  return kept;
}

function around(start, depth, near) {
  const kept = new Set([start]);
  let rim = [start];
  for (let step = 0; step < depth; step += 1) {
    const next = rim.filter((id) => !state.folded.includes(id)).flatMap((id) => near(id).map((edge) => other(edge, id)));
    rim = unique(next).filter((id) => !kept.has(id));
    rim.forEach((id) => kept.add(id));
  }
  return kept;
}

function withoutFolded(near) {
  const isFolded = (id) => state.folded.includes(id);
  const hangs = (id) => near(id).length > 0 && !isFolded(id) && near(id).every((edge) => isFolded(other(edge, id)));
  return new Set([...boxes.keys()].filter((id) => !hangs(id)));
}

// box -> how many of its neighbours are not on the stage
function hiddenNeighbours(near, kept) {
  if (kept.size === nodes.length) return new Map();
  const missing = (id) => unique(near(id).map((edge) => other(edge, id))).filter((next) => !kept.has(next)).length;
  return new Map([...kept].map((id) => [id, missing(id)]).filter(([, number]) => number));
}

// --- bright and faint --------------------------------------------------------------------------------

// What stands out: a way, what was chosen, or what is pointed at; null where all is alike.
function litParts(near, ways) {
  if (ways.length) return litWays(ways);
  if (state.from && !state.to) return litBox(state.from, near);
  if (state.line) return { lines: new Set([state.line]), boxes: new Set([lines.get(state.line).from, lines.get(state.line).to]) };
  if (state.facts.length) return litFacts(state.facts);
  return state.box ? litBox(state.box, near) : null;
}

function litBox(id, near) {
  const mine = near(id);
  return { lines: new Set(mine.map((edge) => edge.id)), boxes: new Set([id, ...mine.map((edge) => other(edge, id))]) };
}

function litFacts(ids) {
  const mine = edges.filter((edge) => edge.kg.facts.some((id) => ids.includes(id)));
  const ends = [...ids.flatMap((id) => facts.get(id).nodes), ...mine.flatMap((edge) => [edge.from, edge.to])];
  return { lines: new Set(mine.map((edge) => edge.id)), boxes: new Set(ends) };
}

const litWays = (ways) => ({
  lines: new Set(ways.flatMap((way) => way.flatMap((hop) => hop.lines.map((edge) => edge.id)))),
  boxes: new Set(ways.flatMap((way) => way.flatMap((hop) => [hop.from, hop.to]))),
});

const litNow = () => scene.lit || (pointed.box ? litBox(pointed.box, scene.near) : null);

function boxAlpha(id) {
  if (isHiddenKind(id)) return 0.1;
  const lit = litNow();
  if (touching.get(id).length && !scene.near(id).length) return 0.22;
  return !lit || lit.boxes.has(id) ? 1 : 0.3;
}

function lineAlpha(edge) {
  if (!scene.lines.get(edge.id).isShown) return 0.07;
  const lit = litNow();
  return !lit || lit.lines.has(edge.id) ? 1 : 0.16;
}

const isOnStage = (edge) => scene.kept.has(edge.from) && scene.kept.has(edge.to);
const isReachable = (id) => scene.kept.has(id) && !isHiddenKind(id);
