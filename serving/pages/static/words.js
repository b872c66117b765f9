// Numbers and days as people read them, and how elements are made: text goes in as text, never as markup.
"use strict";

const page = JSON.parse(document.getElementById("data").textContent);
const list = page.list;
const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
const MONTH = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });
const A_DAY = 86400000;
const AS_OF = Date.parse(page.as_of + "T00:00:00Z");

// el("p", { class: "note" }, "text", another element): what is null is left out
function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  return filled(made, attributes, children);
}

function svg(tag, attributes, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

// A chance, which the page holds in tenths of a percent: rounded once, where the page was written
function percent(tenths) {
  if (tenths === null || tenths === undefined) return "";
  return tenths < 1 ? "under 0.1%" : tenths > 999 ? "over 99.9%" : (tenths / 10).toFixed(1) + "%";
}

function money(amount) {
  return amount === null ? "" : WHOLE.format(amount);
}

function inCurrency(amount) {
  return amount === null ? "" : (page.currency ? page.currency + " " : "") + WHOLE.format(amount);
}

function plural(count, one, many) {
  return WHOLE.format(count) + " " + (count === 1 ? one : many || one + "s");
}

function dayOf(iso) {
  return DAY.format(new Date(iso + "T00:00:00Z"));
}

function daysAgo(count) {
  return new Date(AS_OF - count * A_DAY);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// How much a contribution in log-odds moves the odds: +50%, -20%
function odds(contribution) {
  const share = Math.round(100 * (Math.exp(contribution) - 1));
  return (share >= 0 ? "+" : "\u2212") + Math.abs(share) + "%";
}
