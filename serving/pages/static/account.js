// One account: what is likely, why, how it stands, what happened, what changed and what to do.

const view = document.getElementById("account-view");

async function showAccount(row) {
  const detail = await detailOf(row);
  const marked = { now: null };
  const name = list.name[row] || list.account_id[row];
  const who = [list.account_id[row], wordAt("segment", row), wordAt("owner", row) && "looked after by " + wordAt("owner", row), detail.plan && "plan " + detail.plan];
  view.replaceChildren(
    el("p", { class: "back" }, el("a", { href: "#" }, "\u2190 Back to the list"), el("button", { type: "button", id: "one-page", on: { click: printOnePage } }, "Print on one page")),
    el("h2", { id: "account-title", tabindex: "-1", dir: "auto" }, name),
    el("p", { class: "who", dir: "auto" }, who.filter(Boolean).join(" \u00b7 ")),
    el("ul", { class: "facts" }, facts(row, detail).map((fact) => el("li", {}, fact))),
    ...overridesOf(detail),
    section("next", "Suggested next step", el("p", { class: "play", dir: "auto" }, playOf(row))),
    section("chances", "How likely", el("div", { class: "chances" }, page.outcomes.map((outcome) => chanceBar(outcome, row, detail.before)), refusedChances()), productsOf(detail)),
    section("reasons", "Why", ...reasonsOf(row, detail, marked)),
    timelineSection(detail, marked),
    section("standing", "How it stands", standing(detail)),
    section("changed", "What changed", ...changesOf(row, detail)),
    ...movesOf(detail),
    el("p", { class: "note on-one-page", dir: "auto" }, "As of " + dayOf(page.as_of) + ". Promises, growth, the next plan and questions to ask: holdfast explain " + list.account_id[row] + " --brief"),
  );
  return name;
}

// On paper: what leads the account's page, without its timeline and its lesser reasons
function printOnePage() {
  document.body.classList.add("one-page");
  window.addEventListener("afterprint", () => document.body.classList.remove("one-page"), { once: true });
  window.print();
}

function section(id, title, ...content) {
  return el("section", { class: "part", id, "aria-labelledby": id + "-title" }, el("h3", { id: id + "-title", tabindex: "-1" }, title), ...content);
}

function facts(row, detail) {
  const notice = wordAt("notice", row);
  const found = [el("span", { class: "band " + (notice ? "decided" : wordAt("band", row)) }, notice || "Band " + wordAt("band", row)), "Rank " + WHOLE.format(list.rank[row]) + " of " + WHOLE.format(page.accounts)];
  if (list.value_at_stake[row] !== null) {
    found.push("Pays " + inCurrency(list.value_at_stake[row]) + " a year");
    if (list.expected_value[row] !== null) found.push("Expected to move " + inCurrency(list.expected_value[row]));
  } else found.push("What it pays is not known");
  if (detail.renewal !== null) found.push("Renews in " + plural(detail.renewal, "day"));
  if (detail.tenure !== null) found.push("Customer for " + (detail.tenure < 730 ? plural(detail.tenure, "day") : plural(Math.floor(detail.tenure / 365.25), "year")));
  found.push("Stage: " + wordAt("stage", row));
  return found;
}

function overridesOf(detail) {
  return detail.overrides.map(([outcome, verdict, by, made, until, note]) =>
    el("p", { class: "notice override", dir: "auto" }, el("strong", {}, by + " said of " + page.doing[outcome] + ": " + verdict), ", on " + dayOf(made) + ", valid until " + dayOf(until) + (note ? ". \u201c" + note + "\u201d" : "") + ". The chances below are the model\u2019s."));
}

function refusedChances() {
  return page.refused.map((refused) => el("div", { class: "chance" }, el("h4", {}, refused.title),
    el("p", { class: "none" }, "Nothing is published for this: no model was good enough.")));
}

function productsOf(detail) {
  if (detail.products.length < 2) return null;
  const items = detail.products.map(([, product, chance]) => el("li", { dir: "auto" }, product + " " + percent(chance)));
  return el("div", { class: "products" }, el("h4", {}, "What it may take on"), el("ul", {}, items));
}

function reasonsOf(row, detail, marked) {
  const parts = page.outcomes.map((outcome, place) => {
    if (list[outcome.name + "_probability"][row] === null) return null;
    const mine = detail.reasons.filter((reason) => reason[0] === place);
    const body = mine.length === 0
      ? [el("p", { class: "none" }, "Nothing that is known sets it apart from the others.")]
      : [[outcome.pushing, mine.filter((reason) => reason[1] > 0)], [outcome.keeping, mine.filter((reason) => reason[1] < 0)]].map(([title, reasons]) =>
        el("div", { class: "way" }, el("h5", {}, title), reasons.length
          ? el("ul", { class: "reasons" }, reasons.map((reason) => reasonLine(reason, detail, marked)))
          : el("p", { class: "none" }, "Nothing that weighs enough to be named.")));
    return el("div", { class: "outcome" }, el("h4", {}, outcome.title), el("div", { class: "ways" }, body), sumLine(outcome, place, row, detail));
  });
  return parts.some(Boolean) ? parts : [el("p", { class: "none" }, wordAt("notice", row) ? "Notice was given: what happens next is decided, so nothing is predicted and no reason is told." : "Nothing was asked about this account, so no reason is told.")];
}

// How the reasons add up, those that are too weak to be shown with them
function sumLine(outcome, place, row, detail) {
  if (outcome.start === null || detail.rest[place] === null) return null;
  const ends = percent(outcome.start) + " (where the model starts, nothing known of an account) to " + percent(list[outcome.name + "_probability"][row]);
  return el("p", { class: "note" }, "All other reasons together " + signed(detail.rest[place]) + " points. All of them lead from " + ends + ".");
}

function signed(points) {
  const shown = Math.abs(points).toFixed(1);
  return (shown === "0.0" ? "" : points > 0 ? "+" : "\u2212") + shown;
}

function tone(wanted, contribution) {
  return wanted === null ? "" : wanted === contribution > 0 ? "good" : "bad";
}

function reasonLine([place, contribution, text, table, days, actionable, points], detail, marked) {
  const lane = laneOf(table);
  const weight = points === null ? "odds " + odds(contribution) : signed(points) + " points";
  const follow = lane && el("button", { type: "button", class: "follow", on: { click: () => marked.now({ lane: lane.name, days }) } },
    "See it", el("span", { class: "unseen" }, " in the timeline: " + text));
  return el("li", { class: tone(page.outcomes[place].wanted, contribution) }, el("span", { class: "text", dir: "auto" }, text), " ",
    el("span", { class: "weight" }, weight), actionable ? el("span", { class: "tag", title: "Somebody can do something about it" }, "can be acted on") : null, follow);
}

function timelineSection(detail, marked) {
  const lanes = shownLanes();
  const drawn = el("div", { class: "drawn" });
  const only = el("select", { id: "lane", on: { change: () => draw(null) } }, el("option", { value: "" }, "Everything"), lanes.filter((lane) => lane.name !== "uses").map((lane) => el("option", { value: lane.name }, lane.title)));
  const note = el("p", { class: "note", role: "status" });
  const dated = el("div", {});
  function draw(mark) {
    if (mark) only.value = mark.lane === "uses" ? "" : mark.lane;
    drawn.replaceChildren(timelinePicture(detail, mark));
    note.textContent = !mark ? "" : "Marked: " + lanes.find((lane) => lane.name === mark.lane).title.toLowerCase() + (mark.days && mark.days <= SPAN ? " in the last " + mark.days + " days, which the reason is about." : ", which the reason is about.");
    dated.replaceChildren(...momentsOf(detail, only.value));
  }
  marked.now = (mark) => {
    draw(mark);
    const title = document.getElementById("timeline-title");
    title.scrollIntoView({ block: "start" });
    title.focus({ preventScroll: true });
  };
  draw(null);
  if (lanes.length === 0) return section("timeline", "What happened", el("p", { class: "none" }, "Nothing can be shown: there is no table of use, answers, tickets, offers or contacts, or its use is not allowed."));
  return section("timeline", "What happened in the last 52 weeks", drawn, legend(), note, missingLanes(), el("label", { class: "only" }, "Show ", only), dated);
}

function legend() {
  return shownLanes().length > 1 ? el("p", { class: "note" }, "Filled: opened, made or begun. Hollow: solved, answered or ended. A cross: a date that was missed. Point at a mark to read it.") : null;
}

function missingLanes() {
  const missing = LANES.filter((lane) => !shownLanes().includes(lane)).map((lane) => lane.title.toLowerCase());
  return missing.length ? el("p", { class: "note" }, "Not shown, because there is no such table or its use is not allowed: " + missing.join(", ") + ".") : null;
}

function momentsOf(detail, only) {
  const lane = LANES.find((found) => found.name === only);
  const moments = detail.moments.filter((moment) => !lane || lane.kinds.includes(moment[1]));
  if (moments.length === 0) return [el("p", { class: "none" }, lane ? lane.none : "Nothing dated in these 52 weeks.")];
  const line = (moment) => el("li", { dir: "auto" }, el("time", { datetime: daysAgo(moment[0]).toISOString().slice(0, 10) }, DAY.format(daysAgo(moment[0]))), " ", momentText(moment));
  const first = el("ol", { class: "moments" }, moments.slice(0, 12).map(line));
  if (moments.length <= 12) return [first];
  const more = el("button", { type: "button", on: { click: () => { first.append(...moments.slice(12).map(line)); more.remove(); } } }, "Show " + (moments.length - 12) + " more");
  return [first, more];
}

function standing(detail) {
  let from = 0;
  const groups = page.groups.map(([title, meaning, names]) => {
    const scores = detail.scores.slice(from, from + names.length);
    from += names.length;
    return scoreGroup(title, meaning, names, scores);
  }).filter(Boolean);
  return groups.length
    ? el("div", { class: "groups" }, groups, el("p", { class: "note" }, "0 to 100 among all of your accounts; the line is the middle. Each is its place by its mean rank in a few figures: point at one to read which."))
    : el("p", { class: "none" }, "None of the scores of 0 to 100 can be told from the tables that there are.");
}

function changesOf(row, detail) {
  if (page.before === null) return [el("p", { class: "none" }, "This is the first list, so there is nothing to compare with.")];
  if (!detail.before) return [el("p", { class: "none" }, "It was not on the list of " + dayOf(page.before) + ".")];
  const then = detail.before;
  const parts = [el("p", {}, "Rank " + WHOLE.format(then.rank) + " on " + dayOf(page.before) + ", now " + WHOLE.format(list.rank[row]) + ".")];
  page.outcomes.forEach((outcome, place) => {
    const now = list[outcome.name + "_probability"][row];
    if (now === null || then.probabilities[place] === null) return;
    const model = then.same_model[place] ? "" : ", by another model: not only the account changed";
    parts.push(el("h4", {}, outcome.title + ": " + percent(then.probabilities[place]) + " \u2192 " + percent(now) + model));
    const all = detail.changes.filter((line) => line[0] === place);
    const made = all.filter(([, , , points]) => signed(points) !== "0.0");
    parts.push(made.length
      ? el("table", { class: "split" }, el("thead", {}, el("tr", {}, ["What made the difference", "Points"].map((title) => el("th", { scope: "col" }, title)))),
        el("tbody", {}, made.map(([, part, text, points]) => el("tr", { class: part }, el("td", { dir: "auto" }, text), el("td", { class: "number" }, signed(points))))))
      : el("p", { class: "none" }, all.length ? "Nothing that moved it by a tenth of a point." : then.probabilities[place] === now ? "Nothing moved it." : "What made the difference is not known: another product is the likeliest now, or the earlier scores were not kept."));
    if (made.length && made.length < all.length) parts.push(el("p", { class: "note" }, plural(all.length - made.length, "part") + " of less than a tenth of a point " + (all.length - made.length === 1 ? "is" : "are") + " left out."));
  });
  return parts;
}

function movesOf(detail) {
  return page.outcomes.map((outcome, place) => {
    const moves = detail.moves.filter((line) => line[0] === place);
    if (!moves.length) return null;
    const [, leads] = detail.leads.find((line) => line[0] === place);
    return section("moves-" + outcome.name, outcome.wanted === false ? "What would bring it down" : outcome.title + ": what would bring it up", el("p", {}, leads + ":"),
      el("ol", { class: "steps" }, moves.map(([, text, chance, many]) => el("li", { dir: "auto" }, text + ": " + outcome.title.toLowerCase() + " " + percent(chance), el("small", {}, capital(many))))));
  }).filter(Boolean);
}
