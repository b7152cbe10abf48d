// What the page was given, and its small tools. Text enters the page through textContent only.

const by = (id) => document.getElementById(id);
const read = (id) => JSON.parse(by(id).textContent);
const view = read("kg-view");
const nodes = read("kg-nodes");
const edges = read("kg-edges");
const boxes = new Map(nodes.map((node) => [node.id, node]));
const lines = new Map(edges.map((edge) => [edge.id, edge]));
const told = [...view.facts, ...view.asides]; // the latter only oppose what is on the page, or end a claim on it
for (const source of view.sources) source.id ||= "";
told.forEach(fillIn);
const facts = new Map(told.map((fact) => [fact.id, fact]));
const types = new Map(view.types.map((type) => [type.id, type]));
const roleNames = new Map(view.roles.map((role) => [role.id, role.label]));
const verdicts = new Map(view.verdicts.map((verdict) => [verdict.id, verdict]));
const rank = new Map(view.verdicts.map((verdict, place) => [verdict.id, place]));
const claims = new Map(told.flatMap((fact) => fact.claims.filter(({ id }) => id).map((claim) => [claim.id, { claim, fact }])));
const narrow = matchMedia("(max-width: 819px)");

// What is empty, usual or follows from the rest is not written in the page.
function fillIn(fact) {
  fact.claims = fact.claims.map((claim) => ({ ...view.usual, ...claim, source: view.sources[claim.source] }));
  for (const claim of fact.claims) claim.ended ||= [];
  fact.qualifiers ||= [];
  fact.sentence ||= "";
  fact.period ||= ["", ""];
  fact.told ||= fact.period;
  fact.held ||= (view.held || "").replace("{seen}", fact.seen || "");
  fact.beside ||= [];
  const first = fact.claims.map((claim) => claim.known || "").filter(Boolean).sort()[0];
  fact.history ||= first ? [[first, fact.verdict]] : [];
}

const typeOf = (node) => types.get(node.kg.type);
const verdictOf = (id) => verdicts.get(id) || { id, label: id, line: "solid", mark: "", meaning: "" };
const isAlarm = (verdict) => verdict.mark === "cross";
const touching = new Map(nodes.map((node) => [node.id, []])); // box -> its lines
for (const edge of edges) {
  touching.get(edge.from).push(edge);
  if (edge.to !== edge.from) touching.get(edge.to).push(edge);
}
const other = (edge, id) => (edge.from === id ? edge.to : edge.from);

const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
const unique = (list) => [...new Set(list)];
const clamp = (number, least, most) => Math.min(most, Math.max(least, number));
const toggled = (list, entry) => (list.includes(entry) ? list.filter((one) => one !== entry) : [...list, entry]);

function make(tag, style, ...inside) {
  const element = document.createElement(tag);
  if (style) element.className = style;
  for (const part of inside.flat(2)) if (part) element.append(part);
  return element;
}

function says(tag, style, text) {
  const element = make(tag, style);
  element.textContent = text;
  element.dir = "auto";
  return element;
}

function press(style, text, act) {
  const button = says("button", style, text);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

function svg(tag, attributes, ...inside) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

// What a reader hears when something changed that they did not focus.
const live = make("p", "live");
live.setAttribute("aria-live", "polite");
document.body.append(live);
const announce = (text) => { live.textContent = text; };
