// The role matrix: for each product who does what. A cell that no claim shown is about stays empty and says so.

const MOST_BLOCKS = 60;
let blocksAsked = MOST_BLOCKS;

// The facts of a cell that are to be seen now.
const inCell = (row, n) => sorted((row.cells[n] || []).map((id) => facts.get(id)).filter((fact) => fact && isShown(fact)));
const isSpoken = (row) => Object.keys(row.cells).some((n) => inCell(row, n).length);

function fillMatrix() {
  const { agents, blocks } = view.matrix;
  const shown = blocks.filter((block) => block.rows.some(isSpoken));
  const used = agents.map((_, n) => n).filter((n) => shown.some((block) => block.rows.some((row) => inCell(row, n).length)));
  if (!shown.length) { by("matrix").replaceChildren(make("p", "empty", "Nothing that is shown has a place in the matrix.")); return; }
  const table = make("table", "", matrixHead(used), shown.slice(0, blocksAsked).map((block) => matrixBlock(block, used)));
  by("matrix").replaceChildren(...[matrixIntro(), make("div", "wide", table), moreBlocks(shown.length)].filter(Boolean));
}

function matrixIntro() {
  return says("p", "intro", "For each product, who does what. A number says how many independent origins say so and, behind a colon, how many claims speak against it. A dot means that no claim shown is about it, which is not a denial.");
}

function matrixHead(used) {
  const cells = used.map((n) => {
    const { box: id, label } = view.matrix.agents[n];
    const cell = make("th", "", press("name", label, () => choose({ box: id })));
    cell.scope = "col";
    return cell;
  });
  return make("thead", "", make("tr", "", make("td", ""), cells));
}

function matrixBlock(block, used) {
  const rows = block.rows.filter(isSpoken);
  const silent = block.rows.filter((row) => !isSpoken(row)).map((row) => row.label);
  const title = make("th", "block", block.box ? press("name", block.label, () => choose({ box: block.box })) : says("span", "name", block.label));
  title.colSpan = used.length + 1;
  title.scope = "rowgroup";
  return make("tbody", "", make("tr", "", title), rows.map((row) => matrixRow(row, used)), silent.length ? silentRow(silent, used.length + 1) : null);
}

function silentRow(silent, span) {
  const cell = make("td", "silent", "No claim shown about: ", says("span", "", silent.join(", ")));
  cell.colSpan = span;
  return make("tr", "", cell);
}

function matrixRow(row, used) {
  const head = says("th", "", row.label);
  head.scope = "row";
  return make("tr", "", head, used.map((n) => make("td", "", matrixCell(inCell(row, n), row, n))));
}

function matrixCell(list_, row, n) {
  if (!list_.length) return make("span", "unsaid", "·", says("span", "live", "no claim shown is about it"));
  return unique(list_.map(verdictNow)).map((verdict) => {
    const mine = list_.filter((fact) => verdictNow(fact) === verdict);
    const button = press(verdict.mark ? "cell alarm" : "cell", "", () => choose({ facts: mine.map(({ id }) => id) }));
    const heard = says("span", "live", `${row.label}, ${view.matrix.agents[n].label}:`);
    button.append(lineSample(verdict), heard, says("span", "word", verdict.label), says("span", "muted", support(mine)), says("span", "live", spoken(mine)), ...marks(mine));
    button.title = unique(mine.map(({ term }) => roleNames.get(term))).join(", ");
    return button;
  });
}

function support(list_) {
  const [pro, contra] = weights(list_);
  return contra ? `${pro} : ${contra}` : String(pro);
}

function spoken(list_) {
  const [pro, contra] = weights(list_);
  return `${count(pro, "origin")}${contra ? `, ${contra} against` : ""}`;
}

function weights(list_) {
  const seen = list_.map((fact) => scene.seen.get(fact.id));
  return [witnesses(list_.flatMap(counting)).length, unique(seen.flatMap((one) => one.opposed.map(({ claim }) => claim))).length];
}

function moreBlocks(number) {
  return number > blocksAsked ? press("more", `Show all ${number} products`, () => { blocksAsked = Infinity; fillMatrix(); }) : null;
}
