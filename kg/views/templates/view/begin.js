// Listening, and beginning.

function themeWord() {
  by("theme").textContent = theme() === "dark" ? "Light" : "Dark";
}

function setInk(name) {
  document.documentElement.dataset.theme = name;
  readInk();
}

function setTheme(name) {
  setInk(name);
  themeWord();
  buildLegend();
  render();
}

function listen() {
  by("find").addEventListener("input", found);
  by("find").addEventListener("keydown", onFindKey);
  by("find").addEventListener("focus", found);
  by("find").addEventListener("blur", () => { by("found").hidden = true; });
  by("theme").addEventListener("click", () => setTheme(theme() === "dark" ? "light" : "dark"));
  for (const name of panes.keys()) by(`show-${name}`).addEventListener("click", () => showPane(name));
  for (const [id, act_] of Object.entries(buttons)) by(id).addEventListener("click", act_);
  document.querySelectorAll(".skip, .jump a").forEach((link) => link.addEventListener("click", onJump));
  listenToDrops();
  document.addEventListener("keydown", onKey);
  addEventListener("popstate", recall);
  addEventListener("beforeprint", onBeforePrint);
  addEventListener("afterprint", onAfterPrint);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ({ matches }) => setTheme(matches ? "dark" : "light"));
}

const buttons = {
  undo,
  "save-png": savePng,
  "save-svg": saveSvg,
  "save-csv": saveCsv,
  print: () => print(),
  closer: () => zoom(1.25),
  further: () => zoom(0.8),
  whole: () => showAll(false),
};

const keys = {
  "/": () => by("find").focus(),
  "+": () => zoom(1.25),
  "-": () => zoom(0.8),
  0: () => showAll(false),
  1: () => showPane("picture"),
  2: () => showPane("table"),
  3: () => showPane("matrix"),
  4: () => showPane("timeline"),
  z: undo,
};

function onKey(event) {
  const isTyping = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && (state.box || state.line || state.facts.length || state.from)) act({ ...nothing, ...noPath });
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
}

// To a part of the page, without touching the address: that one says what is shown.
function onJump(event) {
  event.preventDefault();
  const part = document.querySelector(event.target.getAttribute("href"));
  part.scrollIntoView();
  part.focus({ preventScroll: true });
}

function notice() {
  if (view.layered && !view.opening) return;
  by("notice").hidden = false;
  if (view.opening) return by("notice").replaceChildren(...opening());
  by("notice").textContent = `${nodes.length} boxes are more than columns can hold (${view.limit}), so lines run straight and without labels here. Ask for a part of it (kg view --focus NAME) to see it in columns, with every line labelled.`;
}

function opening() {
  const { hub: centre, whole } = view.opening;
  const words = `${whole} boxes are too many to tell apart at once, so this page opens with what is nearest to ${centre}: ${nodes.length} boxes, every line labelled. `;
  return [says("span", "", words), press("", "Show the whole graph", openField)];
}

const asked = location.hash;
const isWhole = view.opening && asked === "#whole";

// What is to be seen at once; its first picture is painted without vis-network.
function begin() {
  themeWord();
  buildLegend();
  buildClocks();
  buildTable();
  buildTimeline();
  state = stateAt(asked);
  shownAddress = `#${address()}`;
  notice();
  render();
  if (!isWhole) firstLook();
}

// The rest: what answers to mouse, touch and keys.
function goOn() {
  readVis();
  start();
  buildWalk();
  listen();
  render();
  showAll(true);
  comeToSeeChosen();
  if (state.show !== "picture") by("picture").dataset.ready = "yes";
}

// Once what was made is on the screen; a page that nobody sees yet paints no frames to wait for.
function onScreen(then) {
  if (document.hidden) setTimeout(then);
  else requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(then)));
}

readInk();
if (isWhole) {
  openField();
  onScreen(() => { begin(); goOn(); });
} else {
  begin();
  onScreen(goOn);
}
