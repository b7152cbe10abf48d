// The table, the twin of the picture in words: sorted by a press on a head, filtered by words and by the legend.

const MOST_ROWS = 500;
let rowsAsked = MOST_ROWS;

const columns = [
  { id: "fact", label: "Fact", of: (fact) => fact.sentence },
  { id: "verdict", label: "How sure", of: (fact) => verdictNow(fact).label, order: (a, b) => place(a) - place(b) },
  { id: "speaker", label: "Who says so", of: (fact) => speakers(fact).join("; ") },
  { id: "source", label: "Where", of: (fact) => unique(counting(fact).map(({ source }) => source.title || source.id)).join("; ") },
  { id: "known", label: "First said", of: (fact) => firstSaid(fact) },
  { id: "holds", label: "Holds", of: (fact) => fact.when || "", order: (a, b) => startOf(a).localeCompare(startOf(b)) },
];
const startOf = ({ period: [first, last] }) => first || last || "9999";

function speakers(fact) {
  const how = (claim) => `${claim.speaker || ""}${claim.stance === "asserts" ? "" : ` (${view.stances[claim.stance] || claim.stance})`}`;
  return unique(counting(fact).map(how));
}

function firstSaid(fact) {
  const first = [...scene.seen.get(fact.id).claims].sort((a, b) => (a.known || "9999").localeCompare(b.known || "9999"))[0];
  return first ? first.source.published || "" : "";
}

function tableFacts() {
  const words = plain(state.words).split(/\s+/).filter(Boolean);
  const mine = view.facts.filter(isShown).filter((fact) => {
    const text = words.length ? plain(columns.map(({ of }) => of(fact)).join(" ")) : "";
    return words.every((word) => text.includes(word));
  });
  const [id, way] = state.sort.split(" ");
  const column = columns.find((one) => one.id === id);
  if (!column) return sorted(mine);
  const order = column.order || ((a, b) => column.of(a).localeCompare(column.of(b), "en"));
  return sorted(mine).sort((a, b) => (way === "down" ? order(b, a) : order(a, b)));
}

function buildTable() {
  const field = by("words");
  field.addEventListener("input", () => act({ words: field.value }, { moving: true }));
  field.addEventListener("change", () => act({ words: field.value }));
  by("heads").replaceChildren(...columns.map(columnHead));
}

function columnHead({ id, label }) {
  const cell = make("th", "", press("", label, () => act({ sort: state.sort === `${id} up` ? `${id} down` : `${id} up` })));
  cell.scope = "col";
  cell.dataset.sort = id;
  return cell;
}

function fillTable() {
  if (by("words").value !== state.words) by("words").value = state.words;
  const [id, way] = state.sort.split(" ");
  for (const cell of by("heads").children) cell.setAttribute("aria-sort", cell.dataset.sort !== id ? "none" : way === "down" ? "descending" : "ascending");
  const all = tableFacts();
  const focused = by("rows").contains(document.activeElement) && document.activeElement.dataset.fact;
  by("rows").replaceChildren(...all.slice(0, rowsAsked).map(tableRow));
  if (focused) by("rows").querySelector(`[data-fact="${CSS.escape(focused)}"]`)?.focus();
  by("tally").textContent = `${all.length === view.facts.length ? "" : `${all.length} of `}${count(view.facts.length, "fact")}`;
  by("more-rows").replaceChildren(...(all.length > rowsAsked ? [press("", `Show all ${all.length} rows`, () => { rowsAsked = Infinity; fillTable(); })] : []));
}

function tableRow(fact) {
  const verdict = verdictNow(fact);
  const button = press("fact-link", fact.sentence, () => choose({ facts: [fact.id] }));
  button.dataset.fact = fact.id;
  const cells = columns.slice(2).map(({ of }) => says("td", "", of(fact)));
  const head = make("th", "", button);
  head.scope = "row";
  const row = make("tr", state.facts.includes(fact.id) ? "chosen" : "", head, make("td", "", make("div", "sure", lineSample(verdict), says("span", verdict.mark ? "word alarm" : "word", verdict.label), marks([fact]))), cells);
  columns.forEach(({ label }, n) => { row.children[n].dataset.label = label; });
  return row;
}
