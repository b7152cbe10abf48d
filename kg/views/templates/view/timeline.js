// The timeline of a box, or of all: when things are said to hold, and when that was first said.

const MOST_EVENTS = 300;
let eventsAsked = MOST_EVENTS;

const firstKnown = (fact) => scene.seen.get(fact.id).claims.map((claim) => claim.known || "").filter(Boolean).sort()[0] || "";
const beginOf = ({ period: [first, last] }) => first || last;

function timelineFacts() {
  const mine = view.facts.filter((fact) => isShown(fact) && (!state.whose || fact.nodes.includes(state.whose)));
  const dated = mine.filter((fact) => !isUndated(fact)).sort((a, b) => beginOf(a).localeCompare(beginOf(b)) || a.sentence.localeCompare(b.sentence, "en"));
  const rest = mine.filter(isUndated).sort((a, b) => firstKnown(a).localeCompare(firstKnown(b)) || a.sentence.localeCompare(b.sentence, "en"));
  return { dated, rest };
}

function buildTimeline() {
  const order = [...nodes].sort((a, b) => a.label.localeCompare(b.label, "en"));
  const choices = [["", "everything"], ...order.map((node) => [node.id, node.label])].map(([value, label]) => Object.assign(says("option", "", label), { value }));
  by("whose").replaceChildren(...choices);
  by("whose").addEventListener("change", () => act({ whose: by("whose").value }));
}

function fillTimeline() {
  by("whose").value = state.whose;
  const { dated, rest } = timelineFacts();
  const scale = scaleFor([...dated, ...rest]);
  const parts = [
    dated.length ? [axis(scale), eventList(dated, scale)] : make("p", "empty", "Nothing that is shown has a date of its own."),
    rest.length ? [says("h2", "", "Without a date of their own, by when it was first said"), dated.length ? null : axis(scale), eventList(rest, scale)] : null,
  ];
  by("events").replaceChildren(...parts.flat(2).filter(Boolean));
}

// Whole years around all days, and where a day stands between them, in percent.
function scaleFor(list_) {
  const days = list_.flatMap((fact) => [...fact.period, firstKnown(fact)]).filter(Boolean).sort();
  const [from, to] = days.length ? [Number(days[0].slice(0, 4)), Number(days.at(-1).slice(0, 4)) + 1] : [2000, 2001];
  const [first, last] = [dayNumber(`${from}-01-01`), dayNumber(`${to}-01-01`)];
  return { from, to, at: (day) => ((dayNumber(day) - first) / (last - first)) * 100 };
}

function axis({ from, to, at }) {
  const every = Math.ceil((to - from) / 8);
  const years = Array.from({ length: to - from }, (_, n) => from + n).filter((_, n) => n % every === 0);
  const marks = years.map((year) => {
    const mark = says("span", "", String(year));
    mark.style.left = `${at(`${year}-01-01`)}%`;
    return mark;
  });
  const row = make("div", "event axis", make("span", "when"), make("span", "track", marks), make("span"));
  row.setAttribute("aria-hidden", "true");
  return row;
}

function eventList(list_, scale) {
  const more = list_.length > eventsAsked ? press("more", `Show all ${list_.length}`, () => { eventsAsked = Infinity; fillTimeline(); }) : null;
  return [make("ol", "", list_.slice(0, eventsAsked).map((fact) => make("li", "", eventRow(fact, scale)))), more];
}

function eventRow(fact, scale) {
  const verdict = verdictNow(fact);
  const said_ = firstSaid(fact);
  const row = press(state.facts.includes(fact.id) ? "event chosen" : "event", "", () => choose({ facts: [fact.id] }));
  row.append(
    says("span", "when", fact.when || (isUndated(fact) ? `said ${said_}` : fact.period.filter(Boolean).join(" to "))),
    make("span", "track", years(scale), period(fact, scale, verdict), firstMark(fact, scale)),
    make("span", "what", lineSample(verdict), make("span", "", sentence("span", "", fact), isUndated(fact) ? null : says("span", "muted", ` first said ${said_}`))),
  );
  return row;
}

function years({ from, to, at }) {
  return Array.from({ length: to - from }, (_, n) => {
    const rule = make("i", "year");
    rule.style.left = `${at(`${from + n}-01-01`)}%`;
    return rule;
  });
}

// The days that are possible: an open end fades out.
function period(fact, { at }, verdict) {
  if (isUndated(fact)) return null;
  const [first, last] = fact.period;
  const [left, right] = [first ? at(first) : 0, last ? at(last) : 100];
  const bar = make("i", `bar${first ? "" : " from-ever"}${last ? "" : " for-ever"}${isAlarm(verdict) ? " alarm" : ""}`);
  Object.assign(bar.style, { left: `${left}%`, width: `${Math.max(right - left, 1)}%` });
  return bar;
}

function firstMark(fact, { at }) {
  const day = firstKnown(fact);
  if (!day) return null;
  const mark = make("i", "said");
  mark.style.left = `${at(day)}%`;
  return mark;
}
