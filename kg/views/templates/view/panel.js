// The panel: overview, box, line, fact or path, whichever was chosen.

let panelOf = "";

function panelPage() {
  if (state.from) return waysPage();
  if (state.box) return boxPage(boxes.get(state.box));
  if (state.line) return linePage(lines.get(state.line));
  if (state.facts.length) return factsPage(state.facts.map((id) => facts.get(id)));
  return overview();
}

// Fills the panel anew. What was unfolded stays so, and the reader stays where they were, unless the page is another.
function fillPanel() {
  const panel = by("panel");
  const now = [state.from, state.to, state.box, state.line, ...state.facts].join("\n");
  const isSame = now === panelOf;
  const open = new Set([...panel.querySelectorAll("details[open][data-open]")].map((details) => details.dataset.open));
  const focused = panel.contains(document.activeElement) && document.activeElement.dataset.act;
  const top = panel.scrollTop;
  panel.replaceChildren(...panelPage().flat(2).filter(Boolean));
  if (isSame) panel.querySelectorAll("details[data-open]").forEach((details) => { if (open.has(details.dataset.open)) details.open = true; });
  panel.scrollTop = isSame ? top : 0;
  if (focused) (panel.querySelector(`[data-act="${CSS.escape(focused)}"]`) || panel).focus();
  if (!isSame) announce(panel.querySelector("h2")?.textContent || "");
  panelOf = now;
}

const back = () => press("back", "‹ Overview", () => choose({}, { stay: true }));

function does(name, text, act_) {
  const button = press("", text, act_);
  button.dataset.act = name;
  return button;
}

// Makes what is folded when it is unfolded, not before.
function unfolding(details, inside) {
  details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(...inside().flat(2).filter(Boolean)); });
}

// --- overview ------------------------------------------------------------------------------------

function overview() {
  const shown = view.facts.filter(isShown);
  const disputed = shown.filter((fact) => verdictNow(fact).mark);
  disputed.sort((a, b) => opponents(b) - opponents(a) || place(b) - place(a) || a.sentence.localeCompare(b.sentence, "en"));
  return [
    make("h2", "", "How to read this"),
    make("p", "how", nodes.length
      ? "Boxes are who and what. A line says who does what for whom, and its style says how sure that is. Choose a box or a line to see who says so, where and when."
      : "There is nothing to draw here yet. Once a claim names two things, they show up as boxes with a line between them."),
    meanings(),
    disputed.length ? make("h3", "", "Where accounts differ") : null,
    disputed.slice(0, 6).map((fact) => folded(fact, "disputed")),
    view.facts.length ? make("h3", "", `${shown.length === view.facts.length ? "All" : `${shown.length} of`} ${count(view.facts.length, "fact")}, by how sure they are`) : null,
    view.verdicts.map((verdict) => verdictGroup(verdict, shown)),
  ];
}

function meanings() {
  const key = make("div", "key");
  for (const verdict of view.verdicts) {
    key.append(lineSample(verdict), make("div", "", says("b", "word", verdict.label), " ", says("span", "muted", verdict.meaning || "")));
  }
  const folds = make("details", "meanings", make("summary", "", "What the lines mean"), key);
  folds.dataset.open = "meanings";
  folds.open = !narrow.matches && panelOf === "";
  return view.verdicts.length ? folds : null;
}

function verdictGroup(verdict, shown) {
  const mine = sorted(shown.filter((fact) => verdictNow(fact) === verdict));
  if (!mine.length) return null;
  const group = make("details", "group", make("summary", "", lineSample(verdict), says("span", "word", verdict.label), says("span", "muted", String(mine.length))));
  group.dataset.open = `verdict ${verdict.id}`;
  unfolding(group, () => mine.map((fact) => folded(fact)));
  return group;
}

// --- a box ------------------------------------------------------------------------------------------

const outlooks = { planned: "Only plans speak of it so far.", denied: "It is only ever denied." };
const kindNames = { participation: "Roles", relation: "Ties", event: "Events", figure: "Figures" };

function boxPage(node) {
  const all = view.facts.filter((fact) => fact.nodes.includes(node.id));
  const mine = sorted(all.filter(isShown));
  const names = otherNames(node);
  const type = typeOf(node);
  return [
    back(),
    says("h2", "", node.label),
    make("p", "muted", type ? says("span", "kind", type.label) : null, `${type ? " · " : ""}${mine.length < all.length ? `${mine.length} of ` : ""}${count(all.length, "fact")}`),
    names.length ? make("p", "names muted", "Also: ", names.map((name) => says("span", "", name))) : null,
    node.kg.standIn ? make("p", "plain", "The sources do not name what this box represents.") : null,
    node.kg.outlook ? says("p", "muted", outlooks[node.kg.outlook] || node.kg.outlook) : null,
    deeds(node.id),
    all.length && !mine.length ? make("p", "plain", "The clocks or the legend hide all that is said of it.") : null,
    kinds(mine),
    node.kg.iri ? [make("h3", "", "Identifier"), says("p", "muted", node.kg.iri)] : null,
  ];
}

function otherNames(node) {
  const seen = new Set([tight(node.label), ""]);
  return node.kg.names.filter((name) => !seen.has(tight(name)) && seen.add(tight(name)));
}

function deeds(id) {
  const isFocus = state.focus === id;
  const depths = [1, 2, 3].map((depth) => depthButton(id, depth));
  const row = make("div", "deeds", make("span", "depths", says("span", "muted", "Focus"), depths));
  row.append(does("path", "Path to …", () => seekPath(id)), does("time", "Timeline", () => { act({ whose: id }, { moving: true }); showPane("timeline"); }));
  if (scene.more.has(id)) row.append(does("widen", `Expand (${scene.more.get(id)})`, () => widen(id)));
  if (hangers(id).length) row.append(does("collapse", `Collapse (${hangers(id).length})`, () => collapse(id)));
  row.append(state.pins[id] ? does("pin", "Unpin", () => unpin(id)) : does("pin", "Pin", () => pin(id, placeOf(id))));
  if (isFocus) row.append(does("unfocus", "Show all", unfocus));
  return row;
}

function depthButton(id, depth) {
  const isOn = state.focus === id && state.depth === depth;
  const button = does(`depth${depth}`, String(depth), () => (isOn ? unfocus() : focusOn(id, depth)));
  button.setAttribute("aria-pressed", String(isOn));
  button.setAttribute("aria-label", `Focus: show what is within ${count(depth, "step")}`);
  return button;
}

function kinds(list) {
  const known = unique([...Object.keys(kindNames), ...list.map((fact) => fact.kind)]);
  return known.flatMap((kind) => {
    const mine = list.filter((fact) => fact.kind === kind);
    return mine.length ? [says("h3", "", kindNames[kind] || kind), ...mine.map((fact) => folded(fact))] : [];
  });
}

// --- a line, a fact ------------------------------------------------------------------------------------

function linePage(edge) {
  const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
  const between = touching.get(edge.from).filter((one) => other(one, edge.from) === other(edge, edge.from));
  const here = scene.lines.get(edge.id).facts.map((id) => facts.get(id));
  const others = unique(between.flatMap((one) => scene.lines.get(one.id).facts)).map((id) => facts.get(id)).filter((fact) => !here.includes(fact));
  return [
    back(),
    says("h2", "", `${from.label} → ${to.label}`),
    says("p", "muted", scene.lines.get(edge.id).label),
    here.length ? byVerdict(here) : make("p", "plain", "The clocks or the legend hide what this line says."),
    others.length ? make("h3", "", "Also between these two") : null,
    sorted(others).map((fact) => folded(fact)),
    make("div", "jumps", jump(from), jump(to)),
  ];
}

function byVerdict(list) {
  return unique(sorted(list).map((fact) => verdictNow(fact))).flatMap((verdict) => [
    status(verdict, verdict.meaning),
    ...sorted(list.filter((fact) => verdictNow(fact) === verdict)).map(open),
  ]);
}

function factsPage(list_) {
  const known = list_.filter((fact) => scene.seen.get(fact.id).verdict);
  const title = says("h2", "", list_.length === 1 ? list_[0].sentence : count(list_.length, "fact"));
  if (!known.length) return [back(), title, make("p", "plain", "Nobody had said so yet on the day of the clock.")];
  return [back(), title, list_.length === 1 ? body(list_[0]) : byVerdict(known)];
}

function status(verdict, why) {
  const word = says("span", verdict.mark ? "word alarm" : "word", verdict.label);
  return make("div", "status", lineSample(verdict), make("p", "", word, why ? says("span", "muted", ` ${why}`) : null));
}

const jump = (node) => press("", node.label, () => choose({ box: node.id }, { look: true }));
