"use strict";
// Draws the network and shows the claims behind it. Text enters the page through textContent only.
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const by = (id) => document.getElementById(id);
  const view = read("kg-view");
  const nodes = read("kg-nodes");
  const edges = read("kg-edges");
  const boxes = new Map(nodes.map((node) => [node.id, node]));
  const lines = new Map(edges.map((edge) => [edge.id, edge]));
  const told = [...view.facts, ...view.asides]; // the latter only oppose what is on the page
  const facts = new Map(told.map((fact) => [fact.id, fact]));
  const types = new Map(view.types.map((type) => [type.id, type]));
  const verdicts = new Map(view.verdicts.map((verdict) => [verdict.id, verdict]));
  const claims = new Map(told.flatMap((fact) => fact.claims.map((claim) => [claim.id, { claim, fact }])));
  const off = { types: new Set(), verdicts: new Set() };
  const chosen = { node: null, edge: null };
  const hover = { node: null, edge: null };
  const ink = {};
  const narrow = matchMedia("(max-width: 819px)");
  let network = null;

  // --- small tools -----------------------------------------------------------------------------

  function make(tag, style, ...inside) {
    const element = document.createElement(tag);
    if (style) element.className = style;
    for (const part of inside.flat()) if (part) element.append(part);
    return element;
  }

  function says(tag, style, text) {
    const element = make(tag, style);
    element.textContent = text;
    element.dir = "auto";
    return element;
  }

  function press(style, text, act) {
    const button = says("button", style, text);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
  const typeOf = (node) => types.get(node.kg.type);
  const verdictOf = (id) => verdicts.get(id) || { id, label: id, line: "solid", mark: "", meaning: "" };
  const rank = new Map(view.verdicts.map((verdict, place) => [verdict.id, place]));
  const place = (fact) => (rank.has(fact.verdict) ? rank.get(fact.verdict) : 99);
  const colours = (node) => (typeOf(node) || {})[theme()] || { line: ink.line, tint: ink.page };
  const theme = () => document.documentElement.dataset.theme;

  function readInk() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["page", "side", "rule", "text", "muted", "line", "alarm", "alarm-tint", "ring", "font"]) {
      ink[name] = style.getPropertyValue(`--${name}`).trim();
    }
  }

  // --- shapes: one path for the canvas and for the legend --------------------------------------

  const roundedPath = (x, y, w, h, r) =>
    `M${x + r},${y}h${w - 2 * r}a${r},${r} 0 0 1 ${r},${r}v${h - 2 * r}a${r},${r} 0 0 1 ${-r},${r}` +
    `h${2 * r - w}a${r},${r} 0 0 1 ${-r},${-r}v${2 * r - h}a${r},${r} 0 0 1 ${r},${-r}z`;
  const cutPath = (x, y, w, h, cx, cy) =>
    `M${x + cx},${y}h${w - 2 * cx}l${cx},${cy}v${h - 2 * cy}l${-cx},${cy}h${2 * cx - w}l${-cx},${-cy}v${2 * cy - h}z`;
  const shapes = {
    "bar-box": (x, y, w, h) => roundedPath(x, y, w, h, Math.min(2, h / 8)),
    box: (x, y, w, h) => roundedPath(x, y, w, h, Math.min(2, h / 8)),
    octagon: (x, y, w, h) => cutPath(x, y, w, h, h * 0.2, h * 0.2),
    hexagon: (x, y, w, h) => cutPath(x, y, w, h, h * 0.28, h / 2),
    rounded: (x, y, w, h) => roundedPath(x, y, w, h, Math.min(12, h / 3)),
    pill: (x, y, w, h) => roundedPath(x, y, w, h, h / 2),
    circle: (x, y, w, h) => roundedPath(x, y, w, h, h / 2),
  };
  const shapeOf = (type) => shapes[(type || {}).shape] || shapes.box;
  const dashes = { solid: [], dashed: [9, 5], dotted: [0.1, 5.5], double: [] };
  const widths = { solid: 1.75, dashed: 1.75, dotted: 2.6, double: 4.4 };

  function svg(tag, attributes, ...inside) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  }

  function shapeSample(type) {
    const d = shapeOf(type)(1.5, 2, 25, 14);
    const { line, tint } = type[theme()];
    const parts = [svg("path", { d, fill: tint, stroke: line, "stroke-width": 1.75 })];
    if (type.shape === "bar-box") parts.push(svg("path", { d: "M3,2v14", stroke: line, "stroke-width": 4 }));
    return svg("svg", { class: "sample", width: 28, height: 18, "aria-hidden": "true" }, ...parts);
  }

  function lineSample(verdict) {
    const colour = verdict.mark === "cross" ? ink.alarm : ink.line;
    const stroke = { stroke: colour, "stroke-width": widths[verdict.line] || 1.75, "stroke-linecap": verdict.line === "dotted" ? "round" : "butt" };
    const dash = (dashes[verdict.line] || []).map((n) => (n === 9 ? 7 : n)).join(" ");
    const parts = [svg("path", { d: "M2,8h36", fill: "none", ...stroke, ...(dash ? { "stroke-dasharray": dash } : {}) })];
    if (verdict.line === "double") parts.push(svg("path", { d: "M2,8h36", stroke: ink.side, "stroke-width": 1.6 }));
    if (verdict.mark) parts.push(...markSample(verdict.mark));
    return svg("svg", { class: "sample", width: 40, height: 16, "aria-hidden": "true" }, ...parts);
  }

  function markSample(mark) {
    const ring = svg("circle", { cx: 20, cy: 8, r: 6, fill: ink.page, stroke: ink.alarm, "stroke-width": 1.6 });
    if (mark === "cross") return [ring, svg("path", { d: "M17.4,5.4l5.2,5.2m0,-5.2l-5.2,5.2", stroke: ink.alarm, "stroke-width": 1.8 })];
    return [ring, svg("path", { d: "M20,2a6,6 0 0 0 0,12z", fill: ink.alarm })];
  }

  // --- what is shown, faded or bright ------------------------------------------------------------

  const isOffNode = (node) => off.types.has(node.kg.type);
  const isOffEdge = (edge) =>
    off.verdicts.has(edge.kg.verdict) || isOffNode(boxes.get(edge.from)) || isOffNode(boxes.get(edge.to));
  const touching = new Map(nodes.map((node) => [node.id, []]));
  for (const edge of edges) {
    touching.get(edge.from).push(edge);
    if (edge.to !== edge.from) touching.get(edge.to).push(edge);
  }

  function isNear(edge) {
    if (chosen.edge) return edge.id === chosen.edge;
    return edge.from === chosen.node || edge.to === chosen.node;
  }

  function nodeAlpha(node) {
    if (isOffNode(node)) return 0.1;
    const mine = touching.get(node.id);
    if (off.verdicts.size && mine.length && mine.every(isOffEdge)) return 0.3;
    if (!chosen.node && !chosen.edge) return 1;
    return node.id === chosen.node || mine.some(isNear) ? 1 : 0.36;
  }

  function edgeAlpha(edge) {
    if (isOffEdge(edge)) return 0.07;
    return (chosen.node || chosen.edge) && !isNear(edge) ? 0.22 : 1;
  }

  // --- painting ------------------------------------------------------------------------------------

  function fitted(context, text, weight, size, room) {
    context.font = `${weight} ${size}px ${ink.font}`;
    const wide = context.measureText(text).width;
    if (wide <= room) return text;
    context.font = `${weight} ${Math.max(size * 0.8, (size * room) / wide)}px ${ink.font}`;
    let short = text;
    while (short && context.measureText(`${short}…`).width > room) short = short.slice(0, -1);
    return context.measureText(text).width <= room ? text : `${short}…`;
  }

  function isDenied(node) {
    const marks = touching.get(node.id).map((edge) => verdictOf(edge.kg.verdict).mark);
    return node.kg.outlook === "denied" || (node.kg.standIn && marks.includes("cross"));
  }

  function outline(context, node) {
    const denied = isDenied(node);
    const hollow = node.kg.standIn || denied;
    const { line, tint } = colours(node);
    context.fillStyle = hollow ? ink.page : tint;
    context.strokeStyle = denied ? ink.alarm : line;
    context.lineWidth = node.id === chosen.node || node.id === hover.node ? 3 : 1.75;
    context.setLineDash(hollow ? [6, 4] : node.kg.outlook === "planned" ? [0.1, 5] : []);
    context.lineCap = node.kg.outlook === "planned" && !hollow ? "round" : "butt";
    if (context.lineCap === "round") context.lineWidth += 0.9;
  }

  // From far away a box is a patch of its colour; thousands of them stay quick that way.
  function paintPatch(context, node, x, y) {
    const { width, height } = node.kg;
    context.globalAlpha = nodeAlpha(node);
    context.fillStyle = colours(node).line;
    context.fillRect(x - width / 2, y - height / 2, width, height);
    context.globalAlpha = 1;
  }

  function paintNode(context, node, x, y) {
    const { width, height } = node.kg;
    const left = x - width / 2;
    const top = y - height / 2;
    const type = typeOf(node);
    context.save();
    node.path ||= new Path2D(shapeOf(type)(left, top, width, height));
    const { path } = node;
    context.fillStyle = ink.page;
    context.fill(path); // nothing shines through a faded box
    context.globalAlpha = nodeAlpha(node);
    outline(context, node);
    context.fill(path);
    context.stroke(path);
    if ((type || {}).shape === "bar-box" && !node.kg.standIn) {
      context.fillStyle = context.strokeStyle;
      context.fillRect(left, top, 6, height);
    }
    paintName(context, node, x + ((type || {}).shape === "bar-box" ? 3 : 0), y);
    context.restore();
  }

  function paintName(context, node, x, y) {
    const { face, sub, width } = node.kg;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = ink.text;
    let at = y - (face.length * 19 + (sub ? 16 : 0)) / 2 + 9.5;
    for (const text of face) {
      context.fillText(fitted(context, text, 600, 15, width - 18), x, at);
      at += 19;
    }
    context.fillStyle = ink.muted;
    if (sub) context.fillText(fitted(context, sub, 400, 12.5, width - 18), x, at - 1.5);
  }

  function stroke(context, edge, verdict) {
    const strong = edge.id === chosen.edge || edge.id === hover.edge;
    context.strokeStyle = verdict.mark === "cross" ? ink.alarm : strong ? ink.text : ink.line;
    context.lineWidth = (widths[verdict.line] || 1.75) + (strong ? 1.1 : 0) + (verdict.mark === "cross" ? 0.4 : 0);
    context.setLineDash(dashes[verdict.line] || []);
    context.lineCap = verdict.line === "dotted" ? "round" : "butt";
    context.stroke(edge.path);
    if (verdict.line !== "double") return;
    context.strokeStyle = ink.page;
    context.lineWidth -= 2.8;
    context.stroke(edge.path);
  }

  function paintTip(context, [x, y, angle], colour) {
    context.save();
    context.translate(x, y);
    context.rotate(angle);
    context.fillStyle = colour;
    context.setLineDash([]);
    context.beginPath();
    context.moveTo(0, 0);
    context.lineTo(-10, 4.6);
    context.lineTo(-10, -4.6);
    context.fill();
    context.restore();
  }

  function paintLine(context, edge) {
    const verdict = verdictOf(edge.kg.verdict);
    const strong = edge.id === chosen.edge || edge.id === hover.edge;
    context.save();
    context.globalAlpha = edgeAlpha(edge);
    stroke(context, edge, verdict);
    paintTip(context, edge.kg.tip, verdict.mark === "cross" ? ink.alarm : strong ? ink.text : ink.line);
    context.restore();
  }

  function paintMark(context, [x, y], mark) {
    context.setLineDash([]);
    context.lineWidth = 1.8;
    context.strokeStyle = ink.alarm;
    context.fillStyle = ink.page;
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    context.beginPath();
    if (mark === "cross") {
      context.moveTo(x - 3.2, y - 3.2);
      context.lineTo(x + 3.2, y + 3.2);
      context.moveTo(x + 3.2, y - 3.2);
      context.lineTo(x - 3.2, y + 3.2);
      context.stroke();
    } else {
      context.arc(x, y, 7, Math.PI / 2, -Math.PI / 2);
      context.fillStyle = ink.alarm;
      context.fill();
    }
  }

  function paintLabel(context, edge) {
    const verdict = verdictOf(edge.kg.verdict);
    const { plate, lines: words, mark } = edge.kg;
    context.save();
    const all = [...words, ...(verdict.mark ? [verdict.label] : [])];
    if (plate) paintPlate(context, plate, all);
    context.globalAlpha = edgeAlpha(edge);
    if (plate) paintWords(context, edge, all, verdict);
    if (mark) paintMark(context, mark, verdict.mark);
    context.restore();
  }

  function paintPlate(context, [x, y, width, height], words) {
    context.font = `600 13px ${ink.font}`;
    const wide = Math.min(width, Math.max(...words.map((text) => context.measureText(text).width)) + 8);
    context.fillStyle = ink.page;
    context.fillRect(x - wide / 2, y - height / 2, wide, height);
  }

  function paintWords(context, edge, words, verdict) {
    const [x, y, width] = edge.kg.plate;
    const weight = edge.id === chosen.edge ? 650 : 400;
    context.textAlign = "center";
    context.textBaseline = "middle";
    words.forEach((text, n) => {
      const isWord = verdict.mark && n === words.length - 1;
      context.fillStyle = verdict.mark === "cross" || isWord ? ink.alarm : ink.text;
      const at = y + (n - (words.length - 1) / 2) * 15.5;
      context.fillText(fitted(context, text, isWord ? 650 : weight, 13, width - 4), x, at + 0.5);
    });
  }

  function paintHeads(context) {
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = ink.muted;
    context.font = `600 15px ${ink.font}`;
    for (const head of view.heads) context.fillText(head.label, head.x, head.y);
  }

  function paintBelow(context) {
    paintHeads(context);
    const routed = edges.filter((edge) => edge.path);
    routed.sort((a, b) => edgeAlpha(a) - edgeAlpha(b));
    for (const edge of routed) paintLine(context, edge);
    for (const edge of routed) paintLabel(context, edge);
  }

  // A line whose label found no place says it while it is pointed at or chosen.
  function paintAbove(context) {
    const edge = lines.get(hover.edge) || lines.get(chosen.edge);
    if (!edge || edge.kg.plate || !edge.kg.label) return;
    const { x, y } = middleOf(edge);
    context.save();
    context.font = `600 13px ${ink.font}`;
    const text = edge.kg.label.length > 90 ? `${edge.kg.label.slice(0, 89)}…` : edge.kg.label;
    const width = context.measureText(text).width + 16;
    context.fillStyle = ink.page;
    context.strokeStyle = ink.line;
    const plate = new Path2D(roundedPath(x - width / 2, y - 13, width, 26, 5));
    context.fill(plate);
    context.stroke(plate);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = ink.text;
    context.fillText(text, x, y);
    context.restore();
  }

  // --- the network ---------------------------------------------------------------------------------

  function visNode(node) {
    const { width, height } = node.kg;
    const ctxRenderer = ({ ctx, x, y }) => ({
      drawNode: () => (view.layered || network.getScale() > 0.2 ? paintNode : paintPatch)(ctx, node, x, y),
      nodeDimensions: { width, height },
    });
    return { id: node.id, x: node.x, y: node.y, shape: "custom", ctxRenderer };
  }

  function visEdge(edge) {
    const verdict = verdictOf(edge.kg.verdict);
    const colour = verdict.mark === "cross" ? ink.alarm : ink.line;
    const style = { arrows: { to: { scaleFactor: 0.5 } }, color: { color: colour, opacity: edgeAlpha(edge) } };
    const dash = (dashes[verdict.line] || []).map((n) => Math.max(n, 1));
    return { id: edge.id, from: edge.from, to: edge.to, hidden: edge.hidden, dashes: dash.length ? dash : false, ...style };
  }

  function start() {
    for (const edge of edges) if (edge.kg.path) edge.path = new Path2D(edge.kg.path);
    network = new vis.Network(
      by("canvas"),
      { nodes: new vis.DataSet(nodes.map(visNode)), edges: new vis.DataSet(edges.map(visEdge)) },
      read("kg-options"),
    );
    network.on("beforeDrawing", paintBelow);
    network.on("afterDrawing", paintAbove);
    network.on("afterDrawing", moveWalk);
    network.on("click", onClick);
    network.on("hoverEdge", ({ edge }) => view.layered || setHover(null, edge));
    network.on("blurEdge", () => view.layered || setHover(null, null));
    network.on("hoverNode", ({ node }) => setHover(node, null));
    network.on("blurNode", () => setHover(null, null));
    network.once("afterDrawing", () => by("picture").dataset.ready = "yes");
    by("canvas").addEventListener("mousemove", onMove);
    document.fonts.addEventListener("loadingdone", repaint);
    showAll(true);
  }

  const repaint = () => network.redraw();

  function restyle() {
    readInk();
    if (!view.layered) network.setData({ nodes: new vis.DataSet(nodes.map(visNode)), edges: new vis.DataSet(edges.map(visEdge)) });
    repaint();
  }

  const tester = document.createElement("canvas").getContext("2d");
  tester.lineWidth = 14;

  function edgeAt({ x, y }) {
    const inPlate = ({ kg: { plate } }) => plate && Math.abs(x - plate[0]) * 2 < plate[2] && Math.abs(y - plate[1]) * 2 < plate[3];
    const shown = edges.filter((edge) => edge.path && !isOffEdge(edge));
    return shown.find(inPlate) || shown.find((edge) => tester.isPointInStroke(edge.path, x, y));
  }

  function onClick({ nodes: [node], edges: [straight], pointer }) {
    if (node && !isOffNode(boxes.get(node))) return choose({ node });
    const edge = edgeAt(pointer.canvas) || (!view.layered && lines.get(straight));
    return choose(edge ? { edge: edge.id } : {});
  }

  let moving = 0;
  function onMove(event) {
    cancelAnimationFrame(moving);
    const { left, top } = by("canvas").getBoundingClientRect();
    const at = { x: event.clientX - left, y: event.clientY - top };
    moving = requestAnimationFrame(() => {
      if (!view.layered) return;
      const edge = hover.node ? null : edgeAt(network.DOMtoCanvas(at));
      setHover(hover.node, edge ? edge.id : null);
    });
  }

  function setHover(node, edge) {
    by("canvas").style.cursor = node || edge ? "pointer" : "";
    if (hover.node === node && hover.edge === edge) return;
    Object.assign(hover, { node, edge });
    repaint();
  }

  // --- looking around --------------------------------------------------------------------------------

  function showAll(first) {
    const { clientWidth: w, clientHeight: h } = by("canvas");
    const [x, y, width, height] = view.frame;
    const scale = Math.min((w - 36) / Math.max(width, 1), (h - 36) / Math.max(height, 1), 1.15);
    const least = narrow.matches ? 0.8 : 0.45;
    if (first && nodes.length && view.layered && scale < least) return network.moveTo({ position: hub(), scale: narrow.matches ? 0.8 : 0.62 });
    return network.moveTo({ position: { x, y: y + 4 / scale }, scale });
  }

  function hub() {
    const best = [...boxes.values()].reduce((a, b) => (touching.get(b.id).length > touching.get(a.id).length ? b : a), nodes[0]);
    return { x: best.x, y: best.y };
  }

  function zoom(factor) {
    network.moveTo({ scale: Math.min(4, Math.max(0.05, network.getScale() * factor)) });
  }

  function middleOf(edge) {
    if (edge.kg.plate) return { x: edge.kg.plate[0], y: edge.kg.plate[1] };
    const [a, b] = [boxes.get(edge.from), boxes.get(edge.to)];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  function comeToSee({ x, y }) {
    const { clientWidth: w, clientHeight: h } = by("canvas");
    const at = network.canvasToDOM({ x, y });
    const scale = Math.max(network.getScale(), 0.7);
    const isSeen = at.x > 30 && at.x < w - 30 && at.y > 30 && at.y < h - 30;
    if (!isSeen || scale !== network.getScale()) network.moveTo({ position: { x, y }, scale });
  }

  // --- choosing ----------------------------------------------------------------------------------------

  function choose({ node = null, edge = null }, how = {}) {
    Object.assign(chosen, { node, edge });
    const page = node ? nodePage(boxes.get(node)) : edge ? edgePage(lines.get(edge)) : overview();
    show(page);
    remember();
    if (how.look && node) comeToSee(boxes.get(node));
    if (how.look && edge) comeToSee(middleOf(lines.get(edge)));
    if (narrow.matches && (node || edge) && !how.stay) by("panel").scrollIntoView();
    restyleChosen();
  }

  function restyleChosen() {
    if (view.layered) repaint();
    else restyle();
  }

  function remember() {
    const hash = chosen.node ? `#box=${boxes.get(chosen.node).id}` : chosen.edge ? `#line=${chosen.edge}` : "#";
    history.replaceState(null, "", hash === "#" ? location.pathname + location.search : hash);
  }

  function recall() {
    const [, kind, id] = /^#(box|line)=(\w+)$/.exec(location.hash) || [];
    if (kind === "box" && boxes.has(id)) choose({ node: id }, { look: true, stay: true });
    else if (kind === "line" && lines.has(id)) choose({ edge: id }, { look: true, stay: true });
  }

  // --- the panel -----------------------------------------------------------------------------------------

  const live = make("p", "live");
  live.setAttribute("aria-live", "polite");
  document.body.append(live);

  function show(parts) {
    by("panel").replaceChildren(...parts.flat().filter(Boolean));
    by("panel").scrollTop = 0;
    const heading = by("panel").querySelector("h2");
    live.textContent = heading ? heading.textContent : "";
  }

  const back = () => press("back", "‹ Overview", () => choose({}, { stay: true }));
  const sorted = (list) => [...list].sort((a, b) => place(a) - place(b) || a.sentence.localeCompare(b.sentence, "en"));
  const opponents = (fact) => fact.opposed_by.length + fact.claims.filter((claim) => claim.stance === "denies").length;

  function overview() {
    const disputed = view.facts.filter((fact) => verdictOf(fact.verdict).mark);
    disputed.sort((a, b) => opponents(b) - opponents(a) || place(b) - place(a) || a.sentence.localeCompare(b.sentence, "en"));
    return [
      make("h2", "", "How to read this"),
      make("p", "how", nodes.length
        ? "Boxes are who and what. A line says who does what for whom, and its style says how sure that is. Click or tap a box or a line to see who says so, where and when."
        : "There is nothing to draw here yet. Once a claim names two things, they show up as boxes with a line between them."),
      meanings(),
      disputed.length ? make("h3", "", "Where accounts differ") : null,
      disputed.slice(0, 6).map((fact) => folded(fact)),
      view.facts.length ? make("h3", "", `All ${count(view.facts.length, "fact")}, by how sure they are`) : null,
      view.verdicts.map(verdictGroup),
    ];
  }

  function meanings() {
    const key = make("div", "key");
    for (const verdict of view.verdicts) {
      const words = make("div", "", says("b", "word", verdict.label), " ", says("span", "muted", verdict.meaning || ""));
      key.append(lineSample(verdict), words);
    }
    const folds = make("details", "meanings", make("summary", "", "What the lines mean"), key);
    folds.open = !narrow.matches;
    return view.verdicts.length ? folds : null;
  }

  function verdictGroup(verdict) {
    const mine = sorted(view.facts.filter((fact) => fact.verdict === verdict.id));
    const group = make("details", "group", make("summary", "", lineSample(verdict), says("span", "word", verdict.label), says("span", "muted", String(mine.length))));
    group.addEventListener("toggle", () => { if (group.children.length === 1) group.append(...mine.map(folded)); });
    return group;
  }

  function nodePage(node) {
    const mine = sorted(view.facts.filter((fact) => fact.nodes.includes(node.id)));
    const seen = new Set([tight(node.label), ""]);
    const names = node.kg.names.filter((name) => !seen.has(tight(name)) && seen.add(tight(name)));
    const type = typeOf(node);
    return [
      back(),
      says("h2", "", node.label),
      make("p", "muted", type ? says("span", "kind", type.label) : null, `${type ? " · " : ""}${count(mine.length, "fact")}`),
      names.length ? make("p", "names muted", "Also: ", names.map((name) => says("span", "", name))) : null,
      node.kg.standIn ? make("p", "plain", "This box stands for something that the sources do not name.") : null,
      node.kg.outlook ? says("p", "muted", outlooks[node.kg.outlook] || node.kg.outlook) : null,
      kinds(mine),
      node.kg.iri ? make("h3", "", "Identifier") : null,
      node.kg.iri ? says("p", "muted", node.kg.iri) : null,
    ];
  }

  const outlooks = { planned: "Only plans speak of it so far.", denied: "It is only ever denied." };
  const kindNames = { participation: "Roles", relation: "Ties", event: "Events", figure: "Figures" };

  function kinds(list) {
    const known = [...new Set([...Object.keys(kindNames), ...list.map((fact) => fact.kind)])];
    return known.flatMap((kind) => {
      const mine = list.filter((fact) => fact.kind === kind);
      return mine.length ? [says("h3", "", kindNames[kind] || kind), ...mine.map(folded)] : [];
    });
  }

  function edgePage(edge) {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    const between = touching.get(edge.from).filter((other) => other.from + other.to === edge.from + edge.to || other.from + other.to === edge.to + edge.from);
    const here = edge.kg.facts.map((id) => facts.get(id)).filter(Boolean);
    const others = between.flatMap((other) => other.kg.facts).map((id) => facts.get(id)).filter((fact) => fact && !here.includes(fact));
    return [
      back(),
      says("h2", "", `${from.label} → ${to.label}`),
      says("p", "muted", edge.kg.label),
      byVerdict(here, open),
      others.length ? make("h3", "", "Also between these two") : null,
      sorted(new Set(others)).map(folded),
      make("div", "jumps", jump(from), jump(to)),
    ];
  }

  function byVerdict(list, draw) {
    return [...new Set(sorted(list).map((fact) => fact.verdict))].flatMap((id) => [
      status(verdictOf(id), verdictOf(id).meaning),
      ...sorted(list.filter((fact) => fact.verdict === id)).map(draw),
    ]);
  }

  function status(verdict, why) {
    const word = says("span", verdict.mark ? "word alarm" : "word", verdict.label);
    return make("div", "status", lineSample(verdict), make("p", "", word, why ? says("span", "muted", ` ${why}`) : null));
  }

  const jump = (node) => press("", node.label, () => choose({ node: node.id }, { look: true }));

  // --- a fact and the claims behind it ---------------------------------------------------------------------

  // What is denied or contested never reads like a plain fact.
  function sentence(tag, style, fact) {
    const verdict = verdictOf(fact.verdict);
    const text = says(tag, style, fact.sentence);
    if (verdict.mark) text.prepend(says("b", "word alarm", `${verdict.label}:`), " ");
    return text;
  }

  function open(fact) {
    const why = fact.why === verdictOf(fact.verdict).meaning ? null : says("p", "muted", fact.why);
    return make("article", "fact", says("p", "sentence", fact.sentence), why, sides(fact));
  }

  function folded(fact) {
    const verdict = verdictOf(fact.verdict);
    const details = make("details", "fact", make("summary", "", lineSample(verdict), sentence("span", "", fact)));
    details.addEventListener("toggle", () => { if (details.children.length === 1) details.append(body(fact)); });
    return details;
  }

  function body(fact) {
    const jumps = fact.nodes.map((id) => boxes.get(id)).filter(Boolean).map(jump);
    return make("div", "", status(verdictOf(fact.verdict), fact.why), sides(fact), make("div", "jumps", jumps));
  }

  function sides(fact) {
    const against = fact.claims.filter((claim) => claim.stance === "denies");
    const rest = fact.claims.filter((claim) => claim.stance !== "denies");
    const opposing = [...against.map((claim) => claimBlock(claim)), ...fact.opposed_by.map(opposed)];
    const sidesShown = make("div", "sides");
    if (rest.length) sidesShown.append(make("div", "side", opposing.length ? make("h4", "", "Says so") : null, rest.map((claim) => claimBlock(claim))));
    if (opposing.length) sidesShown.append(make("div", "side against", make("h4", "", "Speaks against it"), opposing));
    return sidesShown;
  }

  function opposed({ claim, proposition, why }) {
    const other = claims.get(claim) || { fact: facts.get(proposition) };
    const what = other.fact ? sentence("p", "", other.fact) : null;
    return make("div", "", what, why ? says("p", "muted", why) : null, other.claim ? claimBlock(other.claim) : null);
  }

  const stances = { asserts: "says so", denies: "denies it", declines: "declines to comment", silent: "is silent on it" };

  function claimBlock(claim) {
    const how = [stances[claim.stance] || claim.stance, claim.modality].filter(Boolean).join(", ") + (claim.hedge ? ` (“${claim.hedge}”)` : "");
    const basis = [claim.evidence, claim.second_hand && `second hand: ${claim.second_hand}`].filter(Boolean).join(" · ");
    return make("div", "claim",
      make("p", "", says("b", "", claim.speaker), " ", says("span", "", how)),
      basis ? says("p", "muted", basis) : null,
      claim.term ? says("p", "", `In its words: “${claim.term}”`) : null,
      claim.note ? says("p", "", claim.note) : null,
      sourceLine(claim),
      claim.file ? says("p", "place", `${claim.file}${claim.line ? `:${claim.line}` : ""}`) : null);
  }

  function sourceLine({ source, at }) {
    const isWeb = /^https?:\/\//i.test(source.url || "");
    const title = says(isWeb ? "a" : "span", "", source.title || source.id);
    if (isWeb) Object.assign(title, { href: source.url, rel: "noopener noreferrer", target: "_blank" });
    const rest = [source.publisher, source.published, at].filter(Boolean).join(" · ");
    return make("div", "source", make("p", "", title), says("p", "place", rest));
  }

  // --- the legend ----------------------------------------------------------------------------------------------

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

  // --- search ----------------------------------------------------------------------------------------------------

  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const tight = (text) => plain(text).replace(/[\s\p{P}]+/gu, "");
  const index = nodes.map((node) => ({ node, names: [...new Set(node.kg.names.filter((name) => name.trim()))] }));
  let picked = 0;

  function search(text) {
    const [loose, close] = [plain(text.trim()), tight(text)];
    const hits = [];
    for (const { node, names } of index) {
      const name = names.find((n) => plain(n).includes(loose) || (close && tight(n).includes(close)));
      if (name) hits.push({ node, name, score: plain(name).indexOf(loose) === 0 ? 0 : 1 });
    }
    return hits.sort((a, b) => a.score - b.score || a.name.length - b.name.length).slice(0, 12);
  }

  function found() {
    const text = by("find").value;
    const hits = text.trim() ? search(text) : [];
    picked = 0;
    const rows = hits.map(foundRow);
    if (text.trim() && !hits.length) rows.push(says("li", "none", "No box has such a name."));
    by("found").replaceChildren(...rows);
    by("found").hidden = !rows.length;
    by("find").setAttribute("aria-expanded", String(rows.length > 0));
    pick(0);
  }

  function foundRow({ node, name }, n) {
    const type = typeOf(node);
    const row = says("li", "", node.label);
    const also = [type && type.label, name !== node.label && name].filter(Boolean).join(" · ");
    if (also) row.append(says("small", "", also));
    row.id = `hit${n}`;
    row.dataset.node = node.id;
    row.setAttribute("role", "option");
    row.addEventListener("mousedown", (event) => { event.preventDefault(); take(row); });
    return row;
  }

  function pick(n) {
    const rows = [...by("found").querySelectorAll("[data-node]")];
    picked = rows.length ? (n + rows.length) % rows.length : 0;
    rows.forEach((row, place_) => row.setAttribute("aria-selected", String(place_ === picked)));
    if (rows.length) by("find").setAttribute("aria-activedescendant", rows[picked].id);
    else by("find").removeAttribute("aria-activedescendant");
    if (rows[picked]) rows[picked].scrollIntoView({ block: "nearest" });
  }

  function take(row) {
    if (!row) return;
    by("found").hidden = true;
    by("find").setAttribute("aria-expanded", "false");
    choose({ node: row.dataset.node }, { look: true });
  }

  function onFindKey(event) {
    const rows = by("found").querySelectorAll("[data-node]");
    const acts = {
      ArrowDown: () => pick(picked + 1),
      ArrowUp: () => pick(picked - 1),
      Enter: () => take(rows[picked]),
      Escape: () => { by("find").value = ""; found(); },
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  // --- walking with the keyboard -----------------------------------------------------------------------------------

  const steps = new Map(); // id of a box or line -> its button

  function buildWalk() {
    const order = [...nodes].sort((a, b) => a.x - b.x || a.y - b.y);
    for (const node of order) {
      addStep(node.id, `${node.label}, ${(typeOf(node) || {}).label || ""}`, [node.x, node.y, node.kg.width, node.kg.height]);
      for (const edge of touching.get(node.id)) if (edge.from === node.id && edge.kg.plate) addLineStep(edge);
    }
    const first = steps.values().next().value;
    if (first) first.tabIndex = 0;
    by("walk").addEventListener("keydown", onWalkKey);
  }

  function addLineStep(edge) {
    const words = [boxes.get(edge.from).label, edge.kg.label, boxes.get(edge.to).label, verdictOf(edge.kg.verdict).label];
    addStep(edge.id, words.join(", "), edge.kg.plate);
  }

  function addStep(id, label, [x, y, width, height]) {
    const button = press("", "", () => choose(boxes.has(id) ? { node: id } : { edge: id }));
    Object.assign(button.style, { left: `${x - width / 2}px`, top: `${y - height / 2}px`, width: `${width}px`, height: `${height}px` });
    button.setAttribute("aria-label", label);
    button.tabIndex = -1;
    button.dataset.id = id;
    button.addEventListener("focus", () => { if (button.matches(":focus-visible")) comeToSee({ x, y }); });
    steps.set(id, button);
    by("walk").append(button);
  }

  function moveWalk() {
    const { x, y } = network.getViewPosition();
    const scale = network.getScale();
    const { clientWidth: w, clientHeight: h } = by("canvas");
    by("walk").style.transform = `translate(${w / 2 - x * scale}px, ${h / 2 - y * scale}px) scale(${scale})`;
  }

  function onWalkKey(event) {
    const id = event.target.dataset.id;
    const next = boxes.has(id) ? fromBox(boxes.get(id), event.key) : fromLine(lines.get(id), event.key);
    if (!next || !steps.has(next)) return;
    event.preventDefault();
    for (const step of steps.values()) step.tabIndex = -1;
    steps.get(next).tabIndex = 0;
    steps.get(next).focus();
  }

  const neighbour = (list, id, way) => list[list.indexOf(id) + way];
  const high = (id) => (boxes.has(id) ? boxes.get(id).y : middleOf(lines.get(id)).y);
  const walkable = (list) => list.filter((id) => steps.has(id)).sort((a, b) => high(a) - high(b));

  function fromBox(node, key) {
    const column = walkable(nodes.filter((other) => Math.abs(other.x - node.x) < 1).map((other) => other.id));
    const out = walkable(touching.get(node.id).filter((edge) => edge.from === node.id).map((edge) => edge.id));
    const into = walkable(touching.get(node.id).filter((edge) => edge.to === node.id).map((edge) => edge.id));
    const all = [...steps.keys()].filter((id) => boxes.has(id));
    const acts = {
      ArrowDown: () => neighbour(column, node.id, 1) || neighbour(all, node.id, 1),
      ArrowUp: () => neighbour(column, node.id, -1) || neighbour(all, node.id, -1),
      ArrowRight: () => out[0] || nearest(node, 1),
      ArrowLeft: () => into[0] || nearest(node, -1),
      Home: () => all[0],
      End: () => all[all.length - 1],
    };
    return acts[key] && acts[key]();
  }

  function nearest(node, way) {
    const there = nodes.filter((other) => (other.x - node.x) * way > 1);
    const far = (other) => Math.abs(other.x - node.x) * 3 + Math.abs(other.y - node.y);
    return there.length ? there.reduce((a, b) => (far(b) < far(a) ? b : a)).id : null;
  }

  function fromLine(edge, key) {
    const siblings = walkable(touching.get(edge.from).filter((other) => other.from === edge.from).map((other) => other.id));
    const acts = {
      ArrowDown: () => neighbour(siblings, edge.id, 1),
      ArrowUp: () => neighbour(siblings, edge.id, -1),
      ArrowRight: () => edge.to,
      ArrowLeft: () => edge.from,
    };
    return acts[key] && acts[key]();
  }

  // --- table, image, theme ---------------------------------------------------------------------------------------------

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

  function save() {
    const [x, y, width, height] = view.frame;
    const scale = Math.min(2, 12000 / (Math.max(width, height) + 80));
    const canvas = Object.assign(document.createElement("canvas"), { width: (width + 80) * scale, height: (height + 80) * scale });
    const context = canvas.getContext("2d");
    context.fillStyle = ink.page;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.scale(scale, scale);
    context.translate(width / 2 + 40 - x, height / 2 + 40 - y);
    paintBelow(context);
    if (!view.layered) paintStraight(context);
    for (const node of nodes) paintNode(context, node, node.x, node.y);
    canvas.toBlob((blob) => {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: "picture.png" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }

  function paintStraight(context) {
    context.strokeStyle = ink.line;
    for (const edge of edges) {
      const [a, b] = [boxes.get(edge.from), boxes.get(edge.to)];
      context.stroke(new Path2D(`M${a.x},${a.y}L${b.x},${b.y}`));
    }
  }

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

  // --- begin -------------------------------------------------------------------------------------------------------------

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
})();
