// The timeline: a year of weekly use, and below it what happened, each kind in a lane of its own.

const LANES = [
  { name: "uses", title: "Use", kinds: ["uses"], tables: ["consumption"], none: "No use in these 52 weeks." },
  { name: "answers", title: "Answers", kinds: ["answer"], tables: ["satisfaction"], none: "No answers to satisfaction questions." },
  { name: "tickets", title: "Tickets", kinds: ["ticket_opened", "ticket_resolved", "promise_missed"], tables: ["tickets"], none: "No tickets." },
  { name: "offers", title: "Offers", kinds: ["offer_made", "offer_answered"], tables: ["offers"], none: "No offers." },
  { name: "contacts", title: "Contacts", kinds: ["contact"], tables: ["interactions"], none: "No contacts." },
  { name: "terms", title: "Terms, steps", kinds: ["step_reached", "step_missed", "terms_began", "notice_given", "terms_ended"],
    tables: ["subscriptions", "milestones", "plans", "upgrade_paths"], none: "No change of terms." },
];
const INSTRUMENTS = { nps: "would recommend: ", csat: "satisfied: ", ces: "how easy it was: ", stars: "stars: " };
const GUTTER = 88, HIGH = 96, LANE = 26, SPAN = 364;
let wide = 760;

function shownLanes() {
  return LANES.filter((lane) => lane.kinds.some((kind) => page.lanes.includes(kind)));
}

function laneOf(table) {
  return shownLanes().find((lane) => lane.tables.includes(table));
}

function momentText([, kind, what, detail, number]) {
  const words = (what || "").replaceAll("_", " ");
  const about = detail ? " (" + detail + ")" : "";
  switch (kind) {
    case "answer": return "Answer, " + (what === "thumbs" ? (number > 0 ? "thumb up" : "thumb down") : (INSTRUMENTS[what] || words + ": ") + ofScale(what, number));
    case "ticket_opened": return "Ticket opened" + (words ? ": " + words : "") + about;
    case "ticket_resolved": return "Ticket solved" + (words ? ": " + words : "") + about;
    case "promise_missed": return "Promised date missed" + (words ? ": " + words : "") + about;
    case "step_missed": return "Date of a step missed: " + words;
    case "offer_made": return "Offer made: " + words + about;
    case "offer_answered": return "Offer " + (number === null ? "answered" : number ? "taken" : "declined") + ": " + words + about;
    case "contact": return capital(words) + about;
    case "step_reached": return "Step reached: " + words;
    case "terms_began": return "Terms began: " + (what || "");
    case "notice_given": return "Notice given: " + (what || "");
    default: return "Terms ended: " + (what || "");
  }
}

// "4 of 5"; an answer beyond its scale is told as it was given
function ofScale(instrument, score) {
  const best = page.scales[instrument];
  return best === undefined || score > best ? String(score) : score + " of " + best;
}

function across(ago) {
  return GUTTER + ((SPAN - ago) / SPAN) * (wide - GUTTER - 8);
}

// The picture; `marked` is { lane, days } of the reason that was followed, or null
function timelinePicture(detail, marked) {
  wide = window.innerWidth < 700 ? 400 : 760;
  const lanes = shownLanes();
  const events = lanes.filter((lane) => lane.name !== "uses");
  const top = lanes.length > events.length ? HIGH + 14 : 8;
  const height = top + events.length * LANE + 22;
  const picture = svg("svg", { viewBox: "0 0 " + wide + " " + height, role: "img", "aria-label": summary(detail) });
  if (marked) picture.append(...highlight(marked, events, top, height));
  for (let month = 0; month < 12; month += 1) picture.append(...monthLine(month, height));
  if (lanes.length > events.length) picture.append(...weekBars(detail.weeks));
  events.forEach((lane, place) => {
    const y = top + place * LANE + LANE / 2;
    picture.append(svg("text", { x: 0, y: y + 4 }, lane.title), svg("line", { x1: GUTTER, x2: wide - 8, y1: y, y2: y, class: "lane" }));
    const mine = detail.moments.filter((moment) => lane.kinds.includes(moment[1]));
    const missed = ([, kind]) => kind.endsWith("_missed");  // drawn last, so that nothing lies on top of them
    for (const moment of [...mine.filter((one) => !missed(one)), ...mine.filter(missed)]) picture.append(marker(moment, y));
  });
  return picture;
}

function monthLine(month, height) {
  const first = new Date(AS_OF);
  first.setUTCDate(1);
  first.setUTCMonth(first.getUTCMonth() - month);
  const x = across((AS_OF - first.getTime()) / A_DAY);
  if (x < GUTTER) return [];
  const line = svg("line", { x1: x, x2: x, y1: 4, y2: height - 18, class: "month" });
  return x > wide - 34 || (wide < 760 && month % 2) ? [line] : [line, svg("text", { x: x + 2, y: height - 6, class: "tick" }, MONTH.format(first) + (first.getUTCMonth() === 0 ? " " + first.getUTCFullYear() : ""))];
}

function weekBars(weeks) {
  const most = Math.max(1, ...weeks);
  const width = ((wide - GUTTER - 8) / 52) * 0.84;
  const bars = weeks.map((uses, week) => {
    const high = (uses / most) * (HIGH - 12);
    return svg("rect", { x: across(7 * (week + 1)) + width * 0.1, y: HIGH - high, width, height: high, class: "use" },
      svg("title", {}, "Week from " + DAY.format(daysAgo(7 * (week + 1))) + ": " + plural(uses, "use")));
  });
  return [svg("text", { x: 0, y: HIGH - 8 }, "Uses"), svg("text", { x: 0, y: HIGH + 6, class: "tick" }, "a week"),
    svg("text", { x: GUTTER - 6, y: 18, class: "tick end" }, WHOLE.format(most)), ...bars,
    svg("line", { x1: GUTTER, x2: wide - 8, y1: HIGH, y2: HIGH, class: "axis" })];
}

// Opened, made and begun are filled; solved, answered and ended are hollow.
function marker(moment, y) {
  const x = across(moment[0]);
  const hollow = ["ticket_resolved", "offer_answered", "terms_ended"].includes(moment[1]);
  const title = svg("title", {}, DAY.format(daysAgo(moment[0])) + ": " + momentText(moment));
  const look = { class: "moment " + moment[1] + (hollow ? " hollow" : "") };
  if (moment[1] === "answer" || moment[1] === "contact") return svg("circle", { ...look, cx: x, cy: y, r: 4.5 }, title);
  if (moment[1].startsWith("offer")) return svg("path", { ...look, d: `M${x} ${y - 6}l6 6l-6 6l-6 -6z` }, title);
  if (moment[1] === "notice_given") return svg("path", { ...look, d: `M${x - 6} ${y - 5}h12l-6 11z` }, title);
  if (moment[1].endsWith("_missed")) return svg("path", { class: "moment missed", d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` }, title);
  return svg("rect", { ...look, x: x - 4.5, y: y - 4.5, width: 9, height: 9 }, title);
}

function highlight(marked, events, top, height) {
  const drawn = [];
  const from = marked.days ? Math.min(marked.days, SPAN) : SPAN;
  const x = across(from);
  const place = events.findIndex((lane) => lane.name === marked.lane);
  const [y, high] = place < 0 ? [2, HIGH] : [top + place * LANE, LANE];
  drawn.push(svg("rect", { x, y, width: across(0) - x, height: high, class: "window" }));
  if (from < SPAN) drawn.push(svg("line", { x1: x, x2: x, y1: 2, y2: height - 18, class: "edge" }));
  return drawn;
}

function summary(detail) {
  const recent = detail.weeks.slice(0, 13).reduce((sum, uses) => sum + uses, 0);
  const earlier = detail.weeks.slice(13, 26).reduce((sum, uses) => sum + uses, 0);
  const parts = page.lanes.includes("uses") ? [plural(recent, "use") + " in the last 13 weeks, " + WHOLE.format(earlier) + " in the 13 before"] : [];
  for (const lane of shownLanes()) {
    if (lane.name === "uses") continue;
    const count = detail.moments.filter((moment) => lane.kinds.includes(moment[1])).length;
    parts.push(lane.title.toLowerCase() + ": " + count);
  }
  return "The last 52 weeks. " + parts.join("; ") + ". Everything dated is in the list below.";
}
