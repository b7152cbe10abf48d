// A fact and the claims behind it, what speaks for it beside what speaks against it.

// What is denied, contested or was taken back never reads like a plain fact.
function sentence(tag, style, fact) {
  const verdict = verdictNow(fact);
  const text = says(tag, style, fact.sentence);
  if (verdict.mark || verdict.ended) text.prepend(says("b", verdict.mark ? "word alarm" : "word", `${verdict.label}:`), " ");
  return text;
}

function open(fact) {
  return make("article", "fact", says("p", "sentence", fact.sentence), says("p", "muted", basis(fact)), beside(fact), sides(fact));
}

function folded(fact, where = "") {
  const details = make("details", "fact", make("summary", "", lineSample(verdictNow(fact)), sentence("span", "", fact)));
  details.dataset.open = `${where}${fact.id}`;
  unfolding(details, () => [body(fact)]);
  return details;
}

function body(fact) {
  const jumps = fact.nodes.map((id) => boxes.get(id)).filter(Boolean).map(jump);
  return make("div", "", status(verdictNow(fact), basis(fact)), beside(fact), periodLine(fact), sides(fact), make("div", "jumps", jumps));
}

// What is to be known beside the verdict; it is worked out for all that is known, so not for an earlier day.
function beside(fact) {
  if (state.knownBy) return null;
  const words = view.qualifiers.filter(({ id }) => fact.qualifiers.includes(id));
  return words.map(({ id, label, meaning }) => {
    const others = fact.beside.filter(({ qualifier }) => qualifier === id).map(opponent);
    return make("div", "beside", make("p", "", says("b", "", label), " ", says("span", "muted", meaning)), others.length ? make("div", "others", others) : null);
  });
}

// The marks of what is beside the verdicts of some facts, each with its label for those who cannot see it.
function marks(list_) {
  const some = state.knownBy ? [] : list_.flatMap(({ qualifiers }) => qualifiers);
  const words = view.qualifiers.filter(({ id, mark }) => mark && some.includes(id));
  return words.map(({ mark, label }) => {
    const sign = says("abbr", "sign", mark);
    sign.title = label;
    sign.setAttribute("aria-label", label);
    return sign;
  });
}

function periodLine(fact) {
  const when = fact.when ? says("p", "muted", `When: ${fact.when}`) : null;
  return [when, state.knownBy || !fact.held ? null : says("p", "muted", `${fact.held[0].toUpperCase()}${fact.held.slice(1)}.`)];
}

function sides(fact) {
  const { claims: itsClaims, opposed } = scene.seen.get(fact.id);
  const over = itsClaims.filter((claim) => endingsNow(claim).length).map(claimBlock);
  const against = itsClaims.filter(deniesNow).map(claimBlock);
  const rest = itsClaims.filter((claim) => claim.stance !== "denies" && !endingsNow(claim).length).map(claimBlock);
  const opposing = [...against, ...opposed.map(opponent)];
  const shown = make("div", opposing.length && rest.length ? "sides two" : "sides");
  if (rest.length) shown.append(make("div", "side", opposing.length ? make("p", "head", "Says so") : null, rest));
  if (opposing.length) shown.append(make("div", "side against", make("p", "head", "Speaks against it"), opposing));
  if (over.length) shown.append(make("div", "side over", make("p", "head", "No longer counts"), over));
  return shown;
}

function opponent({ claim, proposition, why = "" }) {
  const found = claims.get(claim) || { fact: facts.get(proposition) };
  const what = found.fact ? sentence("p", "", found.fact) : null;
  return make("div", "", what, why ? says("p", "muted", why) : null, found.claim ? claimBlock(found.claim) : null);
}

function claimBlock(claim) {
  const how = [view.stances[claim.stance] || claim.stance, claim.modality].filter(Boolean).join(", ") + (claim.hedge ? ` (“${claim.hedge}”)` : "");
  const rests = [claim.evidence, claim.second_hand && `second hand: ${claim.second_hand}`].filter(Boolean).join(" · ");
  return make("div", "claim",
    make("p", "", says("b", "", claim.speaker || ""), " ", says("span", "", how)),
    endingsNow(claim).map(endingLine),
    rests ? says("p", "muted", rests) : null,
    claim.term ? says("p", "", `In its words: “${claim.term}”`) : null,
    claim.note ? says("p", "", claim.note) : null,
    details(claim.more),
    sourceLine(claim),
    claim.file ? says("p", "place", `${claim.file}${claim.line ? `:${claim.line}` : ""}${claim.handle ? ` (${claim.handle})` : ""}`) : null);
}

// By which claim another was ended: a way to it, and where it stands.
function endingLine({ how, claim: id, proposition }) {
  const { claim, fact } = claims.get(id) || { fact: facts.get(proposition) };
  const who = [claim?.speaker, claim?.source.published].filter(Boolean).join(", ") || "a later claim";
  const way = fact ? press("way", who, () => choose({ facts: [fact.id] })) : says("span", "", who);
  if (fact) way.title = fact.sentence;
  const where = claim?.file ? says("span", "place", ` ${claim.file}${claim.line ? `:${claim.line}` : ""}`) : null;
  return make("p", "ending", says("b", "word", how), " by ", way, where);
}

const isWeb = (url) => /^https?:\/\//i.test(url || "");

function sourceLine({ source, at }) {
  const name = source.title || source.id;
  const title = isWeb(source.url) ? link(source.url, name) : says("span", "", name);
  const rest = [source.publisher, source.date || source.published, at].filter(Boolean).join(" · ");
  return make("div", "source", make("p", "", title), says("p", "place", rest), details(source.more, "place"));
}

// What has no place of its own: label and text of each further key.
function details(more = [], style = "detail") {
  return more.map(([label, text]) => make("p", style, says("span", "muted", `${label}: `), isWeb(text) ? link(text, text) : says("span", "", text)));
}

function link(url, text) {
  return Object.assign(says("a", "", text), { href: url, rel: "noopener noreferrer", target: "_blank" });
}
