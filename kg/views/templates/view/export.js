// What is shown, as a file: PNG, SVG, CSV; and on paper.

const MARGIN = 40;

function saveAs(name, content, type) {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

function savePng() {
  const [x, y, width, height] = frameNow();
  const scale = Math.min(2, 12000 / (Math.max(width, height) + 2 * MARGIN));
  const canvas = Object.assign(document.createElement("canvas"), { width: (width + 2 * MARGIN) * scale, height: (height + 2 * MARGIN) * scale });
  const context = canvas.getContext("2d");
  context.fillStyle = ink.page;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.translate(width / 2 + MARGIN - x, height / 2 + MARGIN - y);
  paintAll(canvasPen(context));
  canvas.toBlob((blob) => saveAs("picture.png", blob));
}

function svgPicture() {
  const [x, y, width, height] = frameNow();
  const [left, top] = [x - width / 2 - MARGIN, y - height / 2 - MARGIN].map(round);
  const [wide, high] = [width + 2 * MARGIN, height + 2 * MARGIN].map(round);
  const pen = svgPen();
  paintAll(pen);
  const title = svg("title", {});
  title.textContent = writable(document.title);
  const ground = svg("rect", { x: left, y: top, width: wide, height: high, fill: ink.page });
  return svg("svg", { viewBox: `${left} ${top} ${wide} ${high}`, width: wide, height: high, "font-family": ink.font }, title, ground, ...pen.parts);
}

const saveSvg = () => saveAs("picture.svg", new XMLSerializer().serializeToString(svgPicture()), "image/svg+xml");

// --- CSV: a row for each claim; no cell runs in a spreadsheet -----------------------------------------

const claimColumns = ["fact", "verdict", "holds", "stance", "speaker", "modality", "evidence", "term", "note", "source", "publisher", "published", "url", "at", "file", "line", "ended"];

function cell(value) {
  const text = String(value ?? "");
  const plain_ = /^[=+\-@\t\r']/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain_) ? `"${plain_.replaceAll('"', '""')}"` : plain_;
}

function endingText({ how, claim: id }) {
  const { claim } = claims.get(id) || {};
  return claim ? `${how} by ${claim.source.id}, ${claim.file}:${claim.line}` : how;
}

function csvText() {
  const rows = tableFacts().flatMap((fact) => scene.seen.get(fact.id).claims.map((claim) => [
    fact.sentence, verdictNow(fact).id, fact.when, claim.stance, claim.speaker, claim.modality, claim.evidence, claim.term, claim.note,
    claim.source.title || claim.source.id, claim.source.publisher, claim.source.published, claim.source.url, claim.at, claim.file, claim.line, endingsNow(claim).map(endingText).join("; "),
  ]));
  return [claimColumns, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

const saveCsv = () => saveAs("claims.csv", csvText(), "text/csv;charset=utf-8");

// --- paper: the picture as lines, not as dots, in light, with what the filters leave -------------------

let themeBefore = "";

function onBeforePrint() {
  themeBefore = theme();
  setInk("light");
  const left = state.hide.length ? `Hidden: ${state.hide.map((tag) => tag.split(":").slice(1).join(":")).join(", ")}.` : "";
  const clock = [state.knownBy && `Known by ${state.knownBy}.`, state.holds && `Holds on ${state.holds}.`].filter(Boolean).join(" ");
  const picture = svgPicture();
  picture.removeAttribute("width");
  picture.removeAttribute("height");
  fillTable();
  by("paper").replaceChildren(says("p", "muted", [clock, left].filter(Boolean).join(" ")), picture);
}

function onAfterPrint() {
  by("paper").replaceChildren();
  setInk(themeBefore);
}
