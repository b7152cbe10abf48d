// The panel: overview, box, line.

const live = make("p", "live");
live.setAttribute("aria-live", "polite");
document.body.append(live);

function show(parts) {
  by("panel").replaceChildren(...parts.flat().filter(Boolean));
  by("panel").scrollTop = 0;
  const heading = by("panel").querySelector("h2");
  live.textContent = heading ? heading.textContent : "";
}

const back = () => press("back", "‹ Overview", () => choose({}, { stay: true }));
const sorted = (list) => [...list].sort((a, b) => place(a) - place(b) || a.sentence.localeCompare(b.sentence, "en"));
const opponents = (fact) => fact.opposed_by.length + fact.claims.filter((claim) => claim.stance === "denies").length;

function overview() {
  const disputed = view.facts.filter((fact) => verdictOf(fact.verdict).mark);
  disputed.sort((a, b) => opponents(b) - opponents(a) || place(b) - place(a) || a.sentence.localeCompare(b.sentence, "en"));
  return [
    make("h2", "", "How to read this"),
    make("p", "how", nodes.length
      ? "Boxes are who and what. A line says who does what for whom, and its style says how sure that is. Click or tap a box or a line to see who says so, where and when."
      : "There is nothing to draw here yet. Once a claim names two things, they show up as boxes with a line between them."),
    meanings(),
    disputed.length ? make("h3", "", "Where accounts differ") : null,
    disputed.slice(0, 6).map((fact) => folded(fact)),
    view.facts.length ? make("h3", "", `All ${count(view.facts.length, "fact")}, by how sure they are`) : null,
    view.verdicts.map(verdictGroup),
  ];
}

function meanings() {
  const key = make("div", "key");
  for (const verdict of view.verdicts) {
    const words = make("div", "", says("b", "word", verdict.label), " ", says("span", "muted", verdict.meaning || ""));
    key.append(lineSample(verdict), words);
  }
  const folds = make("details", "meanings", make("summary", "", "What the lines mean"), key);
  folds.open = !narrow.matches;
  return view.verdicts.length ? folds : null;
}

function verdictGroup(verdict) {
  const mine = sorted(view.facts.filter((fact) => fact.verdict === verdict.id));
  const group = make("details", "group", make("summary", "", lineSample(verdict), says("span", "word", verdict.label), says("span", "muted", String(mine.length))));
  group.addEventListener("toggle", () => { if (group.children.length === 1) group.append(...mine.map(folded)); });
  return group;
}

function nodePage(node) {
  const mine = sorted(view.facts.filter((fact) => fact.nodes.includes(node.id)));
  const seen = new Set([tight(node.label), ""]);
  const names = node.kg.names.filter((name) => !seen.has(tight(name)) && seen.add(tight(name)));
  const type = typeOf(node);
  return [
    back(),
    says("h2", "", node.label),
    make("p", "muted", type ? says("span", "kind", type.label) : null, `${type ? " · " : ""}${count(mine.length, "fact")}`),
    names.length ? make("p", "names muted", "Also: ", names.map((name) => says("span", "", name))) : null,
    node.kg.standIn ? make("p", "plain", "This box stands for something that the sources do not name.") : null,
    node.kg.outlook ? says("p", "muted", outlooks[node.kg.outlook] || node.kg.outlook) : null,
    kinds(mine),
    node.kg.iri ? make("h3", "", "Identifier") : null,
    node.kg.iri ? says("p", "muted", node.kg.iri) : null,
  ];
}

const outlooks = { planned: "Only plans speak of it so far.", denied: "It is only ever denied." };
const kindNames = { participation: "Roles", relation: "Ties", event: "Events", figure: "Figures" };

function kinds(list) {
  const known = [...new Set([...Object.keys(kindNames), ...list.map((fact) => fact.kind)])];
  return known.flatMap((kind) => {
    const mine = list.filter((fact) => fact.kind === kind);
    return mine.length ? [says("h3", "", kindNames[kind] || kind), ...mine.map(folded)] : [];
  });
}

function edgePage(edge) {
  const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
  const between = touching.get(edge.from).filter((other) => other.from + other.to === edge.from + edge.to || other.from + other.to === edge.to + edge.from);
  const here = edge.kg.facts.map((id) => facts.get(id)).filter(Boolean);
  const others = between.flatMap((other) => other.kg.facts).map((id) => facts.get(id)).filter((fact) => fact && !here.includes(fact));
  return [
    back(),
    says("h2", "", `${from.label} → ${to.label}`),
    says("p", "muted", edge.kg.label),
    byVerdict(here, open),
    others.length ? make("h3", "", "Also between these two") : null,
    sorted(new Set(others)).map(folded),
    make("div", "jumps", jump(from), jump(to)),
  ];
}

function byVerdict(list, draw) {
  return [...new Set(sorted(list).map((fact) => fact.verdict))].flatMap((id) => [
    status(verdictOf(id), verdictOf(id).meaning),
    ...sorted(list.filter((fact) => fact.verdict === id)).map(draw),
  ]);
}

function status(verdict, why) {
  const word = says("span", verdict.mark ? "word alarm" : "word", verdict.label);
  return make("div", "status", lineSample(verdict), make("p", "", word, why ? says("span", "muted", ` ${why}`) : null));
}

const jump = (node) => press("", node.label, () => choose({ node: node.id }, { look: true }));
