// What stands above the list, and which of the two views is open: #account=ID names an account.

const title = document.title;
let scrolled = 0;
let opened = null;

function heading() {
  const parts = ["As of " + dayOf(page.as_of)];
  if (page.data_end) parts.push("data up to " + DAY.format(new Date(Date.parse(page.data_end + "T00:00:00Z") - A_DAY)));
  parts.push(page.before ? "the list before: " + dayOf(page.before) : "the first list");
  document.getElementById("dates").textContent = parts.join(" \u00b7 ");
  const notices = document.getElementById("notices");
  if (page.shown < page.accounts) notices.append(el("p", { class: "notice" }, "The first " + WHOLE.format(page.shown) + " of " + WHOLE.format(page.accounts) + " accounts by rank are on this page; all are in scored_accounts.csv beside it."));
  for (const { doing, why } of page.refused) notices.append(el("p", { class: "notice" }, el("strong", {}, "Nothing is published for " + doing + "."), " " + why));
}

function models() {
  const place = document.getElementById("models");
  for (const outcome of page.outcomes) {
    const auc = outcome.auc ? "Of two accounts, one of which did, it puts that one first in " + Math.round(100 * outcome.auc[0]) + " of 100 cases (95% sure: " + Math.round(100 * outcome.auc[1]) + " to " + Math.round(100 * outcome.auc[2]) + "); 50 would be guessing. " : "";
    const beats = outcome.beats.length ? "Better than: " + outcome.beats.join(", ") + ". " : "";
    const equals = outcome.equals.length ? "No better and no worse than: " + outcome.equals.join(", ") + ". " : "";
    const trained = outcome.trained_as_of ? ", learned as of " + dayOf(outcome.trained_as_of) : "";
    place.append(el("p", {}, el("strong", {}, outcome.title), " (" + outcome.name + "), model " + outcome.version + trained + ". " + auc + beats + equals));
  }
}

async function route() {
  const found = /^#account=(.*)$/s.exec(location.hash);
  const listView = document.getElementById("list-view");
  if (!found) {
    if (!view.hidden) {
      view.hidden = true;
      listView.hidden = false;
      document.title = title;
      window.scrollTo(0, scrolled);
      const link = opened && document.querySelector('#accounts a[href="' + CSS.escape(opened) + '"]');
      (link || document.getElementById("main")).focus({ preventScroll: true });
    }
    return;
  }
  if (view.hidden) scrolled = window.scrollY;
  opened = location.hash;
  const row = placeOf(wanted(found[1]));
  let name = "Not on this page";
  if (row === undefined) view.replaceChildren(el("p", { class: "back" }, el("a", { href: "#" }, "\u2190 Back to the list")), el("h2", { id: "account-title", tabindex: "-1" }, name), el("p", { class: "notice", dir: "auto" }, "No account with the id " + wanted(found[1]) + " is on this page."));
  else {
    try {
      name = await showAccount(row);
    } catch (error) {
      view.replaceChildren(el("p", { class: "back" }, el("a", { href: "#" }, "\u2190 Back to the list")), el("h2", { id: "account-title", tabindex: "-1" }, "This account cannot be shown"), el("p", { class: "notice" }, "The browser may be too old to unpack it (needed: one of 2023 or later), or the page is damaged. " + String(error)));
    }
  }
  listView.hidden = true;
  view.hidden = false;
  document.title = name + " \u2013 " + title;
  window.scrollTo(0, 0);
  document.getElementById("account-title").focus({ preventScroll: true });
}

function wanted(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

heading();
models();
startList();
window.addEventListener("hashchange", route);
route();
// After the next frame has been painted: when somebody can read it
requestAnimationFrame(() => setTimeout(() => performance.mark("list-shown")));
