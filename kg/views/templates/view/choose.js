// What a reader can do to a box or a line, by whatever means.

const nothing = { box: "", line: "", facts: [] };
const noPath = { from: "", to: "", longer: 0 };

function choose({ box: id = "", line = "", facts: ids = [] }, { look = false, stay = false } = {}) {
  const isSome = Boolean(id || line || ids.length);
  if (id && state.from && !state.to) act({ ...nothing, to: id });
  else act({ box: id, line, facts: ids, ...(isSome ? noPath : {}) });
  if (look) comeToSeeChosen();
  if (narrow.matches && isSome && !stay) by("panel").scrollIntoView();
}

function focusOn(id, depth = 1) {
  act({ ...nothing, ...noPath, focus: id, depth, grown: [], folded: [], box: id, show: "picture" });
}

const unfocus = () => act({ focus: "", depth: 1, grown: [], folded: [] });

// Shows the neighbours of a box that are not on the stage.
function widen(id) {
  if (!scene.more.has(id)) return;
  act({ folded: state.folded.filter((one) => one !== id), grown: state.focus ? unique([...state.grown, id]) : state.grown });
}

// Takes away what hangs on a box alone.
function collapse(id) {
  act({ folded: unique([...state.folded, id]), grown: state.grown.filter((one) => one !== id) });
}

// What a collapse of a box would take away.
function hangers(id) {
  const isHanger = (next) => next !== state.focus && scene.kept.has(next) && scene.near(next).filter(isOnStage).every((edge) => other(edge, next) === id);
  return unique(scene.near(id).map((edge) => other(edge, id))).filter((next) => next !== id && isHanger(next));
}

function seekPath(id) {
  act({ ...nothing, ...noPath, from: id });
  by("find").value = "";
  by("find").focus();
}

function nudge(id, [dx, dy]) {
  const [x, y] = placeOf(id);
  pin(id, [x + dx, y + dy]);
}
