// The legend: its chips hide and show. Kinds and verdicts stand open; roles and sources, which are many, are folded away.

const publications = view.sources.map((source) => ({ id: source.id, label: source.title || source.id, meaning: [source.publisher, source.published].filter(Boolean).join(", ") }));

const qualifiers = view.qualifiers.map((one) => ({ ...one, label: `${one.mark} ${one.label}`.trim() }));
const chips = []; // each: the tag, its button, its number

function chip(group, entry, sample) {
  const tag = `${group}:${entry.id}`;
  const button = press("chip", "", () => act({ hide: toggled(state.hide, tag) }));
  const number = says("b", "", "");
  button.append(...(sample ? [sample] : []), says("span", "", entry.label), number);
  if (entry.meaning) button.title = entry.meaning;
  chips.push({ tag, button, number });
  return button;
}

function buildLegend() {
  chips.length = 0;
  const kinds_ = view.types.map((type) => chip("kind", type, shapeSample(type)));
  const sure = view.verdicts.map((verdict) => chip("verdict", verdict, lineSample(verdict)));
  by("legend").replaceChildren(
    make("div", "chips", kinds_),
    make("div", "chips", sure, drop("role", "Roles", view.roles), drop("source", "Sources", publications), drop("qualifier", "Beside", qualifiers), reset()),
  );
}

function reset() {
  const button = press("reset", "Show everything", () => act({ hide: [], knownBy: "", holds: "" }));
  button.id = "reset";
  return button;
}

function drop(group, title, entries) {
  const summary = make("summary", "", says("span", "", title), says("b", "", String(entries.length)));
  const all = make("div", "bar", press("", "All", () => act({ hide: withoutGroup(group) })), press("", "None", () => act({ hide: [...withoutGroup(group), ...entries.map(({ id }) => `${group}:${id}`)] })));
  const details = make("details", "drop", summary, make("div", "sheet", all, make("div", "chips", entries.map((entry) => chip(group, entry)))));
  details.dataset.group = group;
  details.addEventListener("toggle", () => {
    details.classList.remove("right"); // a sheet that would leave the window on the right opens to the left
    details.classList.toggle("right", details.open && details.lastElementChild.getBoundingClientRect().right > innerWidth);
  });
  details.hidden = !entries.length;
  return details;
}

const withoutGroup = (group) => state.hide.filter((tag) => !tag.startsWith(`${group}:`));

function fillLegend() {
  for (const { tag, button, number } of chips) {
    button.setAttribute("aria-pressed", String(!state.hide.includes(tag)));
    number.textContent = String(scene.counts.get(tag) || 0);
  }
  by("legend").querySelectorAll(".drop").forEach(({ dataset: { group }, firstChild }) => {
    const all = chips.filter(({ tag }) => tag.startsWith(`${group}:`)).length;
    const gone = state.hide.filter((tag) => tag.startsWith(`${group}:`)).length;
    firstChild.lastChild.textContent = gone ? `${all - gone} of ${all}` : String(all);
  });
  by("reset").hidden = !state.hide.length && !state.knownBy && !state.holds;
}

// What was dropped down closes by Escape, by a press outside, and by a press on a menu's button.
function closeDrops(isLeft) {
  document.querySelectorAll(".drop[open]").forEach((details) => { if (isLeft(details)) details.open = false; });
}

function listenToDrops() {
  document.addEventListener("pointerdown", ({ target }) => closeDrops((details) => !details.contains(target)));
  document.addEventListener("click", ({ target }) => closeDrops((details) => details.contains(target) && target.closest(".menu button")));
  document.addEventListener("keydown", (event) => {
    const details = event.key === "Escape" && event.target.closest(".drop[open]");
    if (!details) return;
    event.stopImmediatePropagation();
    details.open = false;
    details.firstElementChild.focus();
  });
}
