// What is known of a fact at the day of the clock, and whether the legend lets it through. Pure: state in, answers out.

const isKnown = (day, known) => !known || Boolean(day && day <= known); // no clock: all is known

function verdictAt(fact, known) {
  if (!known) return fact.verdict;
  let verdict = "";
  for (const [day, id] of fact.history) if (day <= known) verdict = id;
  return verdict;
}

const claimsAt = (fact, known) => fact.claims.filter((claim) => isKnown(claim.known, known));
const standsAt = ({ known: day, until }, known) => (known ? isKnown(day, known) && !(until && until <= known) : !until);
const opposedAt = (fact, known) => fact.opposed_by.filter((one) => standsAt(one, known));
const endingsNow = (claim) => claim.ended.filter((one) => standsAt(one, state.knownBy)); // none: the claim counts

const isUndated = ({ period: [first, last] }) => !first && !last;
const holdsAt = ({ told: [first, last] }, day) => !day || ((!first || first <= day) && (!last || day <= last));

// A reason to hide a fact, as the address names it.
const tags = {
  kind: (fact) => fact.nodes.map((id) => boxes.get(id).kg.type).filter(Boolean),
  role: (fact) => [fact.term],
  verdict: (fact, verdict) => [verdict],
  qualifier: (fact) => fact.qualifiers,
};

function isHidden(fact, verdict, itsClaims, hidden) {
  if (Object.entries(tags).some(([group, of]) => of(fact, verdict).some((id) => hidden.has(`${group}:${id}`)))) return true;
  return itsClaims.length > 0 && itsClaims.every((claim) => hidden.has(`source:${claim.source.id}`));
}

// fact -> what is to be seen of it now
function seenFacts({ knownBy, holds, hide }) {
  const hidden = new Set(hide);
  return new Map(told.map((fact) => {
    const verdict = verdictAt(fact, knownBy);
    const itsClaims = verdict ? claimsAt(fact, knownBy) : [];
    const opposed = verdict ? opposedAt(fact, knownBy) : [];
    const isShown = Boolean(verdict) && holdsAt(fact, holds) && !isHidden(fact, verdict, itsClaims, hidden);
    return [fact.id, { verdict, claims: itsClaims, opposed, isShown }];
  }));
}

// How many facts a chip stands for at this day, whatever is hidden.
function counts(seen) {
  const found = new Map();
  const add = (tag) => found.set(tag, (found.get(tag) || 0) + 1);
  for (const fact of view.facts) {
    const { verdict, claims: itsClaims } = seen.get(fact.id);
    if (!verdict || !holdsAt(fact, state.holds)) continue;
    for (const [group, of] of Object.entries(tags)) if (group !== "kind") of(fact, verdict).forEach((id) => add(`${group}:${id}`));
    unique(itsClaims.map((claim) => claim.source.id)).forEach((id) => add(`source:${id}`));
  }
  for (const node of nodes) add(`kind:${node.kg.type}`);
  return found;
}

// The claims that count, or where none does, all: the verdict then says so.
function counting(fact) {
  const { claims: all } = scene.seen.get(fact.id);
  const current = all.filter((claim) => !endingsNow(claim).length);
  return current.length ? current : all;
}

const deniesNow = (claim) => claim.stance === "denies" && !endingsNow(claim).length;
const opponents = (fact) => scene.seen.get(fact.id).opposed.length + scene.seen.get(fact.id).claims.filter(deniesNow).length;
const place = (fact) => rank.get(scene.seen.get(fact.id).verdict) ?? 99;
const verdictNow = (fact) => verdictOf(scene.seen.get(fact.id).verdict);
const isShown = (fact) => scene.seen.get(fact.id).isShown;
const sorted = (list) => [...list].sort((a, b) => place(a) - place(b) || a.sentence.localeCompare(b.sentence, "en"));

const witnesses = (claims) => unique(claims.map(({ origin }) => origin)).filter((origin) => origin !== "unknown"); // claims of one origin are one witness

// What the verdict rests on, in numbers.
function basis(fact) {
  const [itsClaims, { opposed }] = [counting(fact), scene.seen.get(fact.id)];
  const stances = unique(itsClaims.map((claim) => claim.stance));
  const parts = stances.map((stance) => `${itsClaims.filter((claim) => claim.stance === stance).length} × ${stance}`);
  const against = unique(opposed.map(({ claim }) => claim)).length;
  if (against) parts.push(`${against} against`);
  const [sources, origins] = [unique(itsClaims.map(({ source }) => source.id)).length, witnesses(itsClaims).length];
  return `${parts.join(", ")}; ${count(sources, "source")}${origins < sources ? `, ${count(origins, "origin")}` : ""}`;
}
