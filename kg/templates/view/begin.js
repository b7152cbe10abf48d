// Listening, and beginning.

function themeWord() {
  by("theme").textContent = theme() === "dark" ? "Light" : "Dark";
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  themeWord();
  readInk();
  legend();
  choose({ ...chosen }, { stay: true });
  restyle();
}

function listen() {
  by("find").addEventListener("input", found);
  by("find").addEventListener("keydown", onFindKey);
  by("find").addEventListener("focus", found);
  by("find").addEventListener("blur", () => { by("found").hidden = true; });
  by("theme").addEventListener("click", () => setTheme(theme() === "dark" ? "light" : "dark"));
  by("table").addEventListener("click", sheet);
  by("save").addEventListener("click", save);
  by("closer").addEventListener("click", () => zoom(1.25));
  by("further").addEventListener("click", () => zoom(0.8));
  by("whole").addEventListener("click", () => showAll(false));
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", recall);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => setTheme(matches ? "dark" : "light"));
}

function onKey(event) {
  const isTyping = event.target instanceof HTMLInputElement;
  if (event.key === "Escape" && !by("sheet").open && (chosen.node || chosen.edge)) choose({}, { stay: true });
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const acts = { "/": () => by("find").focus(), "+": () => zoom(1.25), "-": () => zoom(0.8), 0: () => showAll(false) };
  if (!acts[event.key]) return;
  event.preventDefault();
  acts[event.key]();
}

function notice() {
  if (view.layered) return;
  by("notice").hidden = false;
  by("notice").textContent = `${nodes.length} boxes are more than columns can hold (${view.limit}), so lines run straight and without labels here. Ask for a part of it (kg view --focus NAME) to see it in columns, with every line labelled.`;
}

readInk();
themeWord();
legend();
start();
buildWalk();
listen();
notice();
show(overview());
recall();
