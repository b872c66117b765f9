// Small pictures: chances as bars beside the average, and how an account stands on each rung.

function chanceBar(outcome, row, before) {
  const chance = list[outcome.name + "_probability"][row];
  const low = (list[outcome.name + "_low"] || [])[row];
  const high = (list[outcome.name + "_high"] || [])[row];
  const product = list[outcome.name + "_product"] ? wordAt(outcome.name + "_product", row) : "";
  const days = outcome.asked.length ? " between " + dayOf(outcome.asked[0]) + " and " + dayOf(outcome.asked[1]) : "";
  const title = outcome.chance + (product ? " " + product : "") + days;
  if (chance === null) {
    return el("div", { class: "chance" }, el("h4", {}, outcome.title), el("p", { class: "none" }, silence(outcome.name, row)));
  }
  const average = outcome.average;
  const top = Math.max(chance, average, high || 0) * 1.15;
  const bar = el("div", { class: "bar", "aria-hidden": "true" }, el("span", { class: "fill" }), el("span", { class: "mark" }));
  bar.firstChild.style.inlineSize = (100 * chance) / top + "%";
  bar.lastChild.style.insetInlineStart = (100 * average) / top + "%";
  const range = low !== undefined && low !== null ? " (" + percent(low) + " to " + percent(high) + ")" : "";
  return el("div", { class: "chance" }, el("h4", {}, outcome.title),
    el("p", { class: "asked", dir: "auto" }, title),
    el("p", { class: "big" }, percent(chance), el("small", {}, range)), bar,
    el("p", { class: "beside" }, "average account " + percent(average) + moved(before, outcome, chance)));
}

function moved(before, outcome, chance) {
  if (!before) return "";
  const then = before.probabilities[page.outcomes.indexOf(outcome)];
  return then === null ? "" : ", on " + dayOf(page.before) + " " + percent(then) + (then === chance ? " too" : "");
}

// One group of scores of 0 to 100; null where none of them is known
function scoreGroup(title, meaning, names, scores) {
  if (scores.every((score) => score === null)) return null;
  const rows = names.map(([, name, made], place) => {
    const score = scores[place];
    const bar = el("span", { class: "bar", "aria-hidden": "true" }, el("span", { class: "fill " + level(score) }), el("span", { class: "mark" }));
    bar.firstChild.style.inlineSize = (score || 0) + "%";
    bar.lastChild.style.insetInlineStart = "50%";
    return el("li", { title: capital(made) }, el("span", { class: "named" }, name), bar,
      el("span", { class: "number" }, score === null ? el("span", { class: "none" }, "not known") : [String(score), el("span", { class: "unseen" }, " of 100")]));
  });
  return el("div", { class: "scores" }, el("h4", {}, title), el("p", { class: "asked" }, capital(meaning) + "."), el("ul", {}, rows));
}

function level(score) {
  return score === null ? "" : score < 33 ? "low" : score > 66 ? "good" : "";
}
