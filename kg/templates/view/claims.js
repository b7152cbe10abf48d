// A fact and the claims behind it. Text enters the page through textContent only.

// What is denied or contested never reads like a plain fact.
function sentence(tag, style, fact) {
  const verdict = verdictOf(fact.verdict);
  const text = says(tag, style, fact.sentence);
  if (verdict.mark) text.prepend(says("b", "word alarm", `${verdict.label}:`), " ");
  return text;
}

function open(fact) {
  const why = fact.why === verdictOf(fact.verdict).meaning ? null : says("p", "muted", fact.why);
  return make("article", "fact", says("p", "sentence", fact.sentence), why, sides(fact));
}

function folded(fact) {
  const verdict = verdictOf(fact.verdict);
  const details = make("details", "fact", make("summary", "", lineSample(verdict), sentence("span", "", fact)));
  details.addEventListener("toggle", () => { if (details.children.length === 1) details.append(body(fact)); });
  return details;
}

function body(fact) {
  const jumps = fact.nodes.map((id) => boxes.get(id)).filter(Boolean).map(jump);
  return make("div", "", status(verdictOf(fact.verdict), fact.why), sides(fact), make("div", "jumps", jumps));
}

function sides(fact) {
  const against = fact.claims.filter((claim) => claim.stance === "denies");
  const rest = fact.claims.filter((claim) => claim.stance !== "denies");
  const opposing = [...against.map((claim) => claimBlock(claim)), ...fact.opposed_by.map(opposed)];
  const sidesShown = make("div", "sides");
  if (rest.length) sidesShown.append(make("div", "side", opposing.length ? make("h4", "", "Says so") : null, rest.map((claim) => claimBlock(claim))));
  if (opposing.length) sidesShown.append(make("div", "side against", make("h4", "", "Speaks against it"), opposing));
  return sidesShown;
}

function opposed({ claim, proposition, why }) {
  const other = claims.get(claim) || { fact: facts.get(proposition) };
  const what = other.fact ? sentence("p", "", other.fact) : null;
  return make("div", "", what, why ? says("p", "muted", why) : null, other.claim ? claimBlock(other.claim) : null);
}

const stances = { asserts: "says so", denies: "denies it", declines: "declines to comment", silent: "is silent on it" };

function claimBlock(claim) {
  const how = [stances[claim.stance] || claim.stance, claim.modality].filter(Boolean).join(", ") + (claim.hedge ? ` (“${claim.hedge}”)` : "");
  const basis = [claim.evidence, claim.second_hand && `second hand: ${claim.second_hand}`].filter(Boolean).join(" · ");
  return make("div", "claim",
    make("p", "", says("b", "", claim.speaker), " ", says("span", "", how)),
    basis ? says("p", "muted", basis) : null,
    claim.term ? says("p", "", `In its words: “${claim.term}”`) : null,
    claim.note ? says("p", "", claim.note) : null,
    sourceLine(claim),
    claim.file ? says("p", "place", `${claim.file}${claim.line ? `:${claim.line}` : ""}`) : null);
}

function sourceLine({ source, at }) {
  const isWeb = /^https?:\/\//i.test(source.url || "");
  const title = says(isWeb ? "a" : "span", "", source.title || source.id);
  if (isWeb) Object.assign(title, { href: source.url, rel: "noopener noreferrer", target: "_blank" });
  const rest = [source.publisher, source.published, at].filter(Boolean).join(" · ");
  return make("div", "source", make("p", "", title), says("p", "place", rest));
}
