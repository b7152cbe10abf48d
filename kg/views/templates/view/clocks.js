// Two clocks: known by (when sources were published) and holds when (the periods of what they say).

const BARS = 60;
const dayNumber = (day) => Date.parse(`${day}T00:00:00Z`) / 864e5;
const clocks = []; // what each does to show the state

// A clock's scale is true to time, and it stops only at its days; the last place on it stands for "no clock".
function scaleOf(days) {
  const [first, last] = [dayNumber(days[0]), dayNumber(days.at(-1))];
  const end = last + Math.max(1, Math.round((last - first) * 0.06));
  const bin = (day) => clamp(Math.floor(((dayNumber(day) - first) / (end - first)) * BARS), 0, BARS - 1);
  return { first, end, bin };
}

function buildClock(name, days, { none, said: spoken, bars, set }) {
  const [slider, output, picture] = [by(name), by(`${name}-day`), by(`${name}-bars`)];
  slider.closest(".clock").hidden = days.length < 2;
  if (days.length < 2) return;
  const { first, end, bin } = scaleOf(days);
  Object.assign(slider, { min: first, max: end, step: 1 });
  const stopAt = (number) => (number >= end ? "" : days.findLast((day) => dayNumber(day) <= number) || days[0]);
  slider.addEventListener("input", () => set(stopAt(Number(slider.value)), true));
  slider.addEventListener("change", () => set(stopAt(Number(slider.value)), false));
  slider.addEventListener("keydown", (event) => onClockKey(event, days, spoken, set));
  drawBars(picture, bars(bin));
  clocks.push(() => {
    const day = spoken();
    slider.value = String(day ? dayNumber(day) : end);
    output.textContent = day || none;
    slider.setAttribute("aria-valuetext", day || none);
    [...picture.children].forEach((bar, n) => bar.classList.toggle("later", Boolean(day) && n > bin(day)));
  });
}

function onClockKey(event, days, spoken, set) {
  const at = spoken() ? days.findLastIndex((day) => day <= spoken()) : days.length;
  const ways = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, PageDown: at - 5, PageUp: at + 5, Home: 0, End: days.length };
  if (!(event.key in ways)) return;
  event.preventDefault();
  set(days[clamp(ways[event.key], 0, days.length)] || "", false);
}

function drawBars(picture, weights) {
  const most = Math.max(1, ...weights);
  const high = (weight) => (weight ? 4 + (weight / most) * 18 : 0);
  picture.replaceChildren(...weights.map((weight, n) => svg("rect", { x: n * 4, y: 22 - high(weight), width: 3.2, height: high(weight) })));
}

// How many claims become known in each stretch of time.
function knownBars(bin) {
  const bars = Array(BARS).fill(0);
  for (const fact of view.facts) for (const claim of fact.claims) if (claim.known) bars[bin(claim.known)] += 1;
  return bars;
}

// How many dated facts hold in each stretch of time.
function holdBars(bin) {
  const bars = Array(BARS).fill(0);
  for (const fact of view.facts.filter((one) => !isUndated(one))) {
    const [first, last] = fact.told;
    for (let n = first ? bin(first) : 0; n <= (last ? bin(last) : BARS - 1); n += 1) bars[n] += 1;
  }
  return bars;
}

function buildClocks() {
  const known = unique(told.flatMap((fact) => fact.claims.map((claim) => claim.known || ""))).filter(Boolean).sort();
  const held = unique(view.facts.flatMap((fact) => fact.told)).filter(Boolean).sort();
  buildClock("known-by", known, { none: "everything", bars: knownBars, said: () => state.knownBy, set: (knownBy, moving) => act({ knownBy }, { moving }) });
  buildClock("holds", held, { none: "any day", bars: holdBars, said: () => state.holds, set: (holds, moving) => act({ holds }, { moving }) });
}

function fillClocks() {
  clocks.forEach((fill) => fill());
  const undated = view.facts.filter(isUndated).length;
  by("undated").textContent = state.holds ? `${count(undated, "fact")} without a date: what is stated shows from the day of its source, the rest always.` : "";
}
