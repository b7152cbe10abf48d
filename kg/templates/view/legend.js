// The legend: its chips fade and show.

function chip(entry, sample, set) {
  const button = press("chip", "", () => {
    set.has(entry.id) ? set.delete(entry.id) : set.add(entry.id);
    button.setAttribute("aria-pressed", String(!set.has(entry.id)));
    restyleChosen();
  });
  button.append(sample, says("span", "", entry.label), says("b", "", String(entry.count)));
  button.setAttribute("aria-pressed", String(!set.has(entry.id)));
  if (entry.meaning) button.title = entry.meaning;
  return button;
}

function legend() {
  const chips = view.types.map((type) => chip(type, shapeSample(type), off.types));
  const styles = view.verdicts.map((verdict) => chip(verdict, lineSample(verdict), off.verdicts));
  by("legend").replaceChildren(make("div", "chips", chips), make("div", "chips", styles));
}
