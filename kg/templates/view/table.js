// The table, the twin of the picture in words.

function sheet() {
  const bar = make("div", "bar", make("h2", "", `All ${count(view.facts.length, "fact")}`), press("", "Close", () => by("sheet").close()));
  const head = make("tr", "", ["Fact", "How sure", "Who says so", "Where"].map((text) => {
    const cell = says("th", "", text);
    cell.scope = "col";
    return cell;
  }));
  by("sheet").replaceChildren(bar, make("table", "", make("thead", "", head), make("tbody", "", sorted(view.facts).map(sheetRow))));
  by("sheet").showModal();
}

function sheetRow(fact) {
  const speakers = [...new Set(fact.claims.map((claim) => `${claim.speaker}${claim.stance === "asserts" ? "" : ` (${stances[claim.stance] || claim.stance})`}`))];
  const places = [...new Set(fact.claims.map((claim) => `${claim.source.title || claim.source.id}, ${claim.source.published || "no date"}`))];
  const verdict = verdictOf(fact.verdict);
  return make("tr", "", says("td", "", fact.sentence), says("td", verdict.mark ? "alarm" : "", verdict.label), says("td", "", speakers.join("; ")), says("td", "", places.join("; ")));
}
