// The ways between two boxes, whichever direction the lines have: the shortest, or those with a step or two more.

const MOST_WAYS = 60;

// Steps from every box to one.
function distances(goal, near) {
  const found = new Map([[goal, 0]]);
  let rim = [goal];
  while (rim.length) {
    rim = unique(rim.flatMap((id) => near(id).map((edge) => [other(edge, id), found.get(id) + 1])).filter(([id]) => !found.has(id)).map(([id, far]) => { found.set(id, far); return id; }));
  }
  return found;
}

function findWays(from, to, near, longer) {
  const far = distances(to, near);
  if (from === to || !far.has(from)) return [];
  const most = far.get(from) + longer;
  const found = [];
  const walk = (id, way) => {
    if (found.length >= MOST_WAYS) return;
    if (id === to) { found.push(way); return; }
    for (const hop of hopsFrom(id, near)) {
      const isNew = hop.to !== from && !way.some((step) => step.to === hop.to);
      if (isNew && way.length + 1 + (far.get(hop.to) ?? Infinity) <= most) walk(hop.to, [...way, hop]);
    }
  };
  walk(from, []);
  return found.sort((a, b) => a.length - b.length);
}

// From a box to each of its neighbours, all lines between the two as one hop.
function hopsFrom(id, near) {
  const found = new Map();
  for (const edge of near(id)) {
    const to = other(edge, id);
    if (!found.has(to)) found.set(to, { from: id, to, lines: [] });
    found.get(to).lines.push(edge);
  }
  return [...found.values()];
}

// --- on the panel ------------------------------------------------------------------------------------

function waysPage() {
  const from = boxes.get(state.from);
  const title = says("h2", "", state.to ? `From ${from.label} to ${boxes.get(state.to).label}` : `A path from ${from.label}`);
  const end = press("back", "‹ End the search for paths", () => act(noPath));
  if (!state.to) return [end, title, make("p", "how", "Find a name above, or choose a box: the shortest paths to it appear here.")];
  if (!scene.ways.length) return [end, title, make("p", "how", state.from === state.to ? "That is the same box." : "No path: nothing that is shown leads from one to the other.")];
  return [end, title, says("p", "muted", waysWord()), ...scene.ways.map(wayBlock), moreWays()];
}

function waysWord() {
  const lengths = unique(scene.ways.map((way) => way.length));
  const more = scene.ways.length >= MOST_WAYS ? `the first ${MOST_WAYS}` : count(scene.ways.length, "path");
  return `${more} of ${lengths.length > 1 ? `${lengths[0]} to ${lengths.at(-1)}` : lengths[0]} step${lengths.at(-1) === 1 ? "" : "s"}`;
}

function wayBlock(way, n) {
  const names = [boxes.get(way[0].from).label, ...way.map((hop) => boxes.get(hop.to).label)];
  const block = make("details", "way", says("summary", "", names.join(" → ")));
  block.dataset.open = `way${n}`;
  unfolding(block, () => way.map(hopBlock));
  if (n === 0) block.open = true;
  return block;
}

function hopBlock(hop) {
  const mine = sorted(unique(hop.lines.flatMap((edge) => scene.lines.get(edge.id).facts)).map((id) => facts.get(id)));
  return make("section", "hop", says("h3", "", `${boxes.get(hop.from).label} – ${boxes.get(hop.to).label}`), mine.map(folded));
}

function moreWays() {
  if (state.longer === 2) return null;
  return press("more", state.longer ? "Still longer paths" : "Also longer paths", () => act({ longer: state.longer + 1 }));
}
