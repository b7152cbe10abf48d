// What the page was given, its small tools, and what is chosen.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const by = (id) => document.getElementById(id);
const view = read("kg-view");
const nodes = read("kg-nodes");
const edges = read("kg-edges");
const boxes = new Map(nodes.map((node) => [node.id, node]));
const lines = new Map(edges.map((edge) => [edge.id, edge]));
const told = [...view.facts, ...view.asides]; // the latter only oppose what is on the page
const facts = new Map(told.map((fact) => [fact.id, fact]));
const types = new Map(view.types.map((type) => [type.id, type]));
const verdicts = new Map(view.verdicts.map((verdict) => [verdict.id, verdict]));
const claims = new Map(told.flatMap((fact) => fact.claims.map((claim) => [claim.id, { claim, fact }])));
const off = { types: new Set(), verdicts: new Set() };
const chosen = { node: null, edge: null };
const hover = { node: null, edge: null };
const ink = {};
const narrow = matchMedia("(max-width: 819px)");
let network = null;

function make(tag, style, ...inside) {
  const element = document.createElement(tag);
  if (style) element.className = style;
  for (const part of inside.flat()) if (part) element.append(part);
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

const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
const typeOf = (node) => types.get(node.kg.type);
const verdictOf = (id) => verdicts.get(id) || { id, label: id, line: "solid", mark: "", meaning: "" };
const rank = new Map(view.verdicts.map((verdict, place) => [verdict.id, place]));
const place = (fact) => (rank.has(fact.verdict) ? rank.get(fact.verdict) : 99);
const colours = (node) => (typeOf(node) || {})[theme()] || { line: ink.line, tint: ink.page };
const theme = () => document.documentElement.dataset.theme;

function readInk() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["page", "side", "rule", "text", "muted", "line", "alarm", "alarm-tint", "ring", "font"]) {
    ink[name] = style.getPropertyValue(`--${name}`).trim();
  }
}
