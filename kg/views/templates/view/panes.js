// The picture and its twins, one shown at a time; and the one way in which anything is shown anew.

const panes = new Map([
  ["picture", () => {}],
  ["table", () => fillTable()],
  ["matrix", () => fillMatrix()],
  ["timeline", () => fillTimeline()],
]);

function showPane(name) {
  act({ show: name });
  if (narrow.matches) by("stageway").scrollIntoView();
}

function fillPanes() {
  by("to-pane").textContent = by(`show-${state.show}`).textContent;
  for (const [name, fill] of panes) {
    by(name).hidden = name !== state.show;
    by(`show-${name}`).setAttribute("aria-pressed", String(name === state.show));
    if (name === state.show) fill();
  }
}

let framed = "";
let lastShown = "";

function render() {
  scene = derive();
  fillPanes();
  fillLegend();
  fillClocks();
  fillStage();
  fillPanel();
  by("undo").disabled = !steps();
  if (!network) return;
  fillWalk();
  if (state.show === "picture") fillPicture();
  lastShown = state.show;
}

function fillPicture() {
  if (lastShown !== "picture") network.setSize("100%", "100%"); // it was hidden, and may have been drawn in no room
  redraw();
  const stage = [state.focus, state.depth, ...state.grown, ...state.folded].join(" ");
  if (stage !== framed || (lastShown && lastShown !== "picture" && !by("picture").dataset.seen)) showAll(false);
  by("picture").dataset.seen = "yes";
  framed = stage;
}

// Says that not everything is on the stage, and how to get the rest back.
function fillStage() {
  const gone = nodes.length - scene.kept.size;
  by("stage").hidden = !gone;
  if (!gone) return;
  const words = state.focus ? `Around ${boxes.get(state.focus).label}: ${scene.kept.size} of ${count(nodes.length, "box").replace(/boxs$/, "boxes")}` : `${scene.kept.size} of ${nodes.length} boxes`;
  by("stage").replaceChildren(says("span", "", words), press("", "Show all", unfocus));
}
