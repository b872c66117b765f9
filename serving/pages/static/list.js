// The list: DataTables sorts, pages and draws; which accounts match the filters is found here.

const FIELDS = { "by-owner": "owner", "by-segment": "segment", "by-band": "band", "by-play": "play" };
const matching = new Uint8Array(list.account_id.length).fill(1);
let haystack = null;

function accountLink(row) {
  const name = list.name[row];
  return el("span", { class: "who" }, el("a", { href: "#account=" + encodeURIComponent(list.account_id[row]), dir: "auto" }, name || list.account_id[row]),
    name ? el("small", { dir: "auto" }, list.account_id[row]) : null);
}

function chanceCell(outcome, row) {
  const chance = list[outcome + "_probability"][row];
  if (chance === null) return el("span", { class: "none", title: silence(outcome, row) }, "\u2013");
  const product = list[outcome + "_product"] ? wordAt(outcome + "_product", row) : "";
  return el("span", {}, percent(chance), product ? el("small", { dir: "auto" }, product) : null);
}

// Why there is no chance of an outcome
function silence(outcome, row) {
  const told = page.outcomes.find((one) => one.name === outcome);
  const notice = wordAt("notice", row);
  if (!notice || told.wanted === null) return told.silent;
  return (told.wanted ? "Not asked: " : "Decided: ") + notice.charAt(0).toLowerCase() + notice.slice(1) + ".";
}

// What to do first; behind a notice its own day
function playOf(row) {
  const notice = wordAt("notice", row);
  return notice ? notice + wordAt("play", row).slice("Notice given".length) : wordAt("play", row);
}

function bandCell(row) {
  const change = wordAt("change", row);
  const ends = wordAt("notice", row).split(", ")[1];
  if (wordAt("band", row) === "notice") return el("span", {}, el("span", { class: "band decided" }, "notice given"), ends ? el("small", {}, ends) : null);
  return el("span", {}, el("span", { class: "band " + wordAt("band", row) }, wordAt("band", row)), change && change !== "new" ? el("small", {}, change.split(":")[0]) : null);
}

// What a column shows of a row, and by what it is sorted; what is missing comes last
function column(name) {
  const text = (of) => ({ cell: (row) => wordText(wordAt(of, row)), key: (row) => wordAt(of, row).toLowerCase() || null, first: "asc" });
  const number = (of, shown) => ({ cell: (row) => wordText(shown(list[of][row])), key: (row) => list[of][row], first: "desc", number: true });
  if (name.startsWith("chance:")) {
    const outcome = name.slice(7);
    return { ...number(outcome + "_probability", percent), cell: (row) => chanceCell(outcome, row) };
  }
  switch (name) {
    case "rank": return { ...number("rank", money), first: "asc" };
    case "account": return { cell: accountLink, key: (row) => (list.name[row] || list.account_id[row]).toLowerCase(), first: "asc" };
    case "band": return { cell: bandCell, key: (row) => list.band.at[row], first: "asc" };
    case "value": return number("value_at_stake", money);
    case "expected": return number("expected_value", money);
    case "play": return { ...text("play"), cell: (row) => wordText(playOf(row)) };
    case "reason": return { cell: (row) => wordText(list.reason[row] || ""), key: (row) => (list.reason[row] || "").toLowerCase() || null, first: "asc" };
    default: return text(name);
  }
}

function wordText(text) {
  return el("span", { dir: "auto" }, text);
}

function after(a, b, turned) {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return (a < b ? -1 : a > b ? 1 : 0) * turned;
}

function makeTable() {
  const heads = [...document.querySelectorAll("#accounts thead th")];
  const columns = heads.map((head) => ({ name: head.dataset.column, title: head.textContent, ...column(head.dataset.column) }));
  Object.assign(Tables.DataTable.ext.type.order, { "held-asc": (a, b) => after(a, b, 1), "held-desc": (a, b) => after(a, b, -1), "held-pre": (value) => value });
  const table = new Tables.DataTable("#accounts", {
    data: list.account_id.map((_, row) => [row]),
    columns: columns.map(({ name, cell, key, first, number }) => ({
      data: null, name, type: "held", searchable: false, className: "col-" + name.replace(/:.*/, "") + (number ? " number" : ""),
      orderSequence: first === "asc" ? ["asc", "desc"] : ["desc", "asc"],
      render: ([row], kind) => (kind === "display" ? cell(row) : key(row)),
    })),
    order: [], autoWidth: false, deferRender: true, pageLength: 50, lengthMenu: [25, 50, 100, 500],
    layout: { topStart: null, topEnd: null, bottomStart: "pageLength", bottomEnd: "paging" },
    language: { zeroRecords: "No account matches. Clear a filter to see more.", emptyTable: "Nobody is on this list.", lengthMenu: "Show _MENU_ accounts" },
    createdRow: (line) => [...line.cells].forEach((cell, place) => { cell.dataset.label = columns[place].title; }),
  });
  table.search.fixed("filters", (_, data) => matching[data[0]] === 1);
  return { table, columns };
}

function fillFilters(redraw) {
  for (const [id, name] of Object.entries(FIELDS)) {
    const { words, at } = list[name];
    const counts = new Array(words.length).fill(0);
    let without = 0;
    for (const place of at) if (place < 0) without += 1; else counts[place] += 1;
    const options = words.map((word, place) => counts[place] ? el("option", { value: place }, word + " (" + WHOLE.format(counts[place]) + ")") : null);
    const select = document.getElementById(id);
    select.append(el("option", { value: "" }, "all"), ...options.filter(Boolean), ...(without ? [el("option", { value: -1 }, "none (" + WHOLE.format(without) + ")")] : []));
    select.addEventListener("change", redraw);
  }
  let waiting = 0;
  document.getElementById("find").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(redraw, 120); });
  const form = document.getElementById("filters");
  form.addEventListener("submit", (event) => { event.preventDefault(); redraw(); });
  form.addEventListener("reset", () => setTimeout(redraw, 0));
}

function match() {
  const wanted = Object.entries(FIELDS).map(([id, name]) => [list[name].at, document.getElementById(id).value]).filter(([, value]) => value !== "").map(([at, value]) => [at, Number(value)]);
  const terms = folded(document.getElementById("find").value).split(/\s+/).filter(Boolean);
  if (terms.length && haystack === null) {
    haystack = list.account_id.map((id, row) => folded([id, list.name[row], wordAt("owner", row), wordAt("segment", row), wordAt("play", row), list.reason[row]].join(" ")));
  }
  let count = 0;
  for (let row = 0; row < matching.length; row += 1) {
    const fits = wanted.every(([at, value]) => at[row] === value) && terms.every((term) => haystack[row].includes(term));
    matching[row] = fits ? 1 : 0;
    count += matching[row];
  }
  return count;
}

// Small letters without accents, so that "cafe" finds "Café"
function folded(text) {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}

function startList() {
  const { table, columns } = makeTable();
  const sortBy = document.getElementById("sort-by");
  sortBy.append(...columns.map(({ title }, place) => el("option", { value: place }, title)));
  sortBy.addEventListener("change", () => table.order([Number(sortBy.value), columns[Number(sortBy.value)].first]).draw());
  const count = document.getElementById("count");
  // On paper stands what is on the screen: so many rows of the list
  const onPaper = () => {
    const { start, end, recordsDisplay } = table.page.info();
    const whole = (recordsDisplay < matching.length ? " that match, of " + WHOLE.format(matching.length) : "") + ".";
    const rows = start === 0 ? "The first " + WHOLE.format(end) : "Accounts " + WHOLE.format(start + 1) + " to " + WHOLE.format(end);
    document.getElementById("printed").textContent = start === 0 && end === recordsDisplay
      ? "All " + plural(recordsDisplay, "account") + whole : rows + " of " + plural(recordsDisplay, "account") + whole;
  };
  table.on("draw", onPaper);
  onPaper();
  const redraw = () => {
    const found = match();
    count.textContent = found === matching.length ? plural(found, "account") : plural(found, "account") + " of " + WHOLE.format(matching.length);
    table.draw();
  };
  fillFilters(redraw);
  count.textContent = plural(matching.length, "account");
  document.querySelector("#accounts tbody").addEventListener("click", (event) => {
    const line = event.target.closest("tr");
    if (!line || event.target.closest("a") || String(window.getSelection())) return;
    const link = line.querySelector("a");
    if (link) link.click();
  });
}
