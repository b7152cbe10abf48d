// The page that asks in SPARQL: editor, answer as table or graph, errors in their place, a link to share.
(() => {
  const by = (id) => document.getElementById(id);
  const settings = JSON.parse(by("settings").textContent);
  const bindings = { ...settings.bindings };
  const SHOWN = 1000, DRAWN = 60;
  const SAVES = { solutions: { csv: "CSV", tsv: "TSV", json: "JSON", xml: "XML" }, triples: { turtle: "Turtle", ntriples: "N-Triples", jsonld: "JSON-LD" } };
  let answer = null;

  const editor = KgEditor.create(by("editor"), {
    text: settings.query, words: settings.words, label: "SPARQL query", run: ask,
  });
  document.body.classList.add("ready");
  by("plain").removeAttribute("name");

  function make(tag, text, attributes = {}) {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  function fields(form) {
    const pairs = new URLSearchParams({ query: editor.text() });
    for (const [name, term] of Object.entries(bindings)) pairs.set(`$${name}`, term);
    if (form) pairs.set("format", form);
    return pairs;
  }

  function showGiven() {
    by("given").replaceChildren(...Object.entries(bindings).map(([name, term]) => {
      const code = make("code", `?${name} = ${short(term.replace(/^<(.*)>$/, "$1"))} `);
      const drop = make("button", "×", { type: "button", "aria-label": `Leave ?${name} open` });
      drop.addEventListener("click", () => { delete bindings[name]; showGiven(); });
      code.append(drop);
      return code;
    }));
  }

  async function ask() {
    by("fault").hidden = true;
    editor.mark(null);
    by("state").textContent = "asking …";
    const began = performance.now();
    const accept = "application/sparql-results+json, application/n-triples";
    const reply = await fetch("/sparql", { method: "POST", body: fields(), headers: { Accept: accept } }).catch(() => null);
    if (!reply) return fail("the service does not answer");
    const text = await reply.text();
    if (!reply.ok) return fail(text.trim());
    read(text, reply.headers.get("content-type") || "");
    by("state").textContent = `${count()} in ${Math.round(performance.now() - began)} ms`;
    by("answer").hidden = false;
    show();
  }

  function fail(message) {
    by("state").textContent = "";
    by("answer").hidden = true;
    by("fault").textContent = message;
    by("fault").hidden = false;
    const place = /^(\d+):(\d+): /.exec(message);
    if (place) editor.mark(Number(place[1]), Number(place[2]), message);
  }

  // ---------------------------------------------------------------- what came back

  function read(text, type) {
    if (type.startsWith("application/n-triples")) {
      answer = { kind: "triples", columns: ["subject", "predicate", "object"], rows: triples(text) };
      return;
    }
    const told = JSON.parse(text);
    answer = "boolean" in told
      ? { kind: "solutions", columns: ["answer"], rows: [[{ type: "literal", value: told.boolean ? "yes" : "no" }]] }
      : { kind: "solutions", columns: told.head.vars, rows: told.results.bindings.map((row) => told.head.vars.map((name) => row[name])) };
  }

  const LINE = /^(<[^>]*>|_:\S+) <([^>]*)> (.*) \.$/;
  const NAMED = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
  const plain = (text) => text.replace(/\\(?:u([0-9A-F]{4})|U([0-9A-F]{8})|(.))/gis, (_, u, U, c) => (u || U ? String.fromCodePoint(parseInt(u || U, 16)) : NAMED[c] || c));

  function term(text) {
    if (text.startsWith("<")) return { type: "uri", value: text.slice(1, -1) };
    if (text.startsWith("_:")) return { type: "bnode", value: text };
    const [, value, language] = /^"(.*)"(?:@([\w-]+)|\^\^<.*>)?$/s.exec(text) || [, text];
    return { type: "literal", value: plain(value), "xml:lang": language };
  }

  const triples = (text) => text.split("\n").map((line) => LINE.exec(line)).filter(Boolean)
    .map(([, s, p, o]) => [term(s), { type: "uri", value: p }, term(o)]);

  const count = () => `${answer.rows.length.toLocaleString("en")} ${answer.kind === "triples" ? "triple" : "row"}${answer.rows.length === 1 ? "" : "s"}`;

  function short(iri) {
    let best = "", name = iri;
    for (const [prefix, space] of Object.entries(settings.prefixes))
      if (iri.startsWith(space) && space.length > best.length && /^[\w-]*$/.test(iri.slice(space.length))) { best = space; name = `${prefix}:${iri.slice(space.length)}`; }
    return name;
  }

  function address(iri) {
    const path = iri.startsWith(settings.base) ? iri.slice(settings.base.length) : "";
    if (/^(id|proposition|claim)\/[\w-]+$/.test(path)) return `/${path}`;
    return /^https?:\/\//.test(iri) ? iri : "";
  }

  function cell(value) {
    const made = make("td", "", { dir: "auto" });
    if (!value) return made;
    const href = value.type === "uri" && address(value.value);
    const text = value.type === "uri" ? short(value.value) : value.value;
    made.append(href ? make("a", text, { href, ...(href.startsWith("/") ? {} : { rel: "noopener noreferrer" }) }) : text);
    if (value["xml:lang"]) made.append(" ", make("small", value["xml:lang"]));
    return made;
  }

  function table() {
    const made = make("table"), head = make("tr"), body = make("tbody"), top = make("thead");
    head.append(...answer.columns.map((name) => make("th", name, { scope: "col" })));
    top.append(head);
    for (const row of answer.rows.slice(0, SHOWN)) {
      const line = make("tr");
      line.append(...row.map(cell));
      body.append(line);
    }
    made.append(top, body);
    const more = answer.rows.length > SHOWN ? [make("p", `The first ${SHOWN} are shown; a download holds all.`, { class: "why" })] : [];
    return [made, ...more];
  }

  // ---------------------------------------------------------------- the answer as a graph

  const key = (value) => (value.type === "literal" ? `"${value.value}` : value.value);

  function lines() {
    if (answer.kind === "triples") return answer.rows.map(([s, p, o]) => [s, short(p.value).replace(/^.*:/, ""), o]);
    const found = [];
    for (const row of answer.rows) {
      const ends = row.filter((value) => value && value.type !== "literal");
      const words = row.filter((value) => value && value.type === "literal").map((value) => value.value).join(", ");
      if (ends.length > 1) found.push([ends[0], words.slice(0, 40), ends[1]]);
    }
    return found;
  }

  function places(names, pairs) {
    const spot = new Map(names.map((name, n) => [name, [450 + 260 * Math.cos(n * 2.4), 300 + 200 * Math.sin(n * 2.4)]]));
    for (let round = 0; round < 260; round++) {
      const pull = new Map(names.map((name) => [name, [0, 0]])), heat = 22 * (1 - round / 260) + 0.5;
      const push = (a, b, force, dx, dy) => { pull.get(a)[0] += force * dx; pull.get(a)[1] += force * dy; pull.get(b)[0] -= force * dx; pull.get(b)[1] -= force * dy; };
      names.forEach((a, n) => names.slice(n + 1).forEach((b) => {
        const dx = spot.get(a)[0] - spot.get(b)[0], dy = spot.get(a)[1] - spot.get(b)[1], far = Math.hypot(dx, dy) || 1;
        push(a, b, 9000 / (far * far * far), dx, dy);
      }));
      for (const [a, b] of pairs) {
        const dx = spot.get(a)[0] - spot.get(b)[0], dy = spot.get(a)[1] - spot.get(b)[1], far = Math.hypot(dx, dy) || 1;
        push(a, b, -far / 12000, dx, dy);
      }
      for (const name of names) {
        const [x, y] = pull.get(name), size = Math.hypot(x, y) || 1, step = Math.min(size * 14, heat);
        const at = spot.get(name);
        at[0] = Math.min(820, Math.max(60, at[0] + (x / size) * step));
        at[1] = Math.min(570, Math.max(30, at[1] + (y / size) * step));
      }
    }
    return spot;
  }

  function svg(tag, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    if (text) made.textContent = text;
    return made;
  }

  const clip = (text) => (text.length > 26 ? `${text.slice(0, 25)}…` : text);

  function graph() {
    const found = [], ends = new Map();
    for (const line of lines()) {
      const fresh = [line[0], line[2]].filter((value) => !ends.has(key(value)));
      if (ends.size + fresh.length > DRAWN) continue;
      fresh.forEach((value) => ends.set(key(value), value));
      found.push(line);
    }
    if (!found.length) return [make("p", "A graph needs triples, or rows with two IRIs.", { class: "why" })];
    const spot = places([...ends.keys()], found.map(([a, , b]) => [key(a), key(b)]));
    const picture = svg("svg", { viewBox: "0 0 900 600", role: "img", "aria-label": `${ends.size} ends, ${found.length} lines; the table lists them` });
    for (const [a, word, b] of found) {
      const [x1, y1] = spot.get(key(a)), [x2, y2] = spot.get(key(b));
      picture.append(svg("line", { x1, y1, x2, y2 }), svg("text", { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 3, class: "on-line", "text-anchor": "middle" }, clip(word)));
    }
    for (const [name, value] of ends) {
      const [x, y] = spot.get(name), text = value.type === "uri" ? short(value.value).replace(/^:/, "") : value.value;
      const href = value.type === "uri" && address(value.value);
      const group = href ? svg("a", { href }) : svg("g", {});
      group.append(svg("circle", { cx: x, cy: y, r: 5 }), svg("text", { x: x + 9, y: y + 4 }, clip(text)));
      picture.append(group);
    }
    return [picture];
  }

  function show() {
    const drawn = by("as-graph").getAttribute("aria-pressed") === "true";
    by("table").hidden = drawn;
    by("graph").hidden = !drawn;
    if (drawn) by("graph").replaceChildren(...graph());
    else by("table").replaceChildren(...table());
    const saves = Object.entries(SAVES[answer.kind]).map(([form, label]) => make("a", label, { class: "button", href: `/sparql?${fields(form)}`, download: `answer.${form}` }));
    by("saves").replaceChildren(...saves.flatMap((link) => [link, " "]));
  }

  function turn(to) {
    for (const name of ["table", "graph"]) by(`as-${name}`).setAttribute("aria-pressed", String(name === to));
    show();
  }

  by("as-table").addEventListener("click", () => turn("table"));
  by("as-graph").addEventListener("click", () => turn("graph"));
  by("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  by("share").addEventListener("click", async () => {
    const link = `${location.origin}/editor?${fields()}`;
    history.replaceState(null, "", link);
    const done = await navigator.clipboard?.writeText(link).then(() => true, () => false);
    by("state").textContent = done ? "the link is copied" : "the link is in the address bar";
  });
  showGiven();
  if (settings.run) ask();
})();
