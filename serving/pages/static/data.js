// What the page holds: the list's columns at once, what is shown of one account when it is asked for.

const blocks = new Map();
let places = null;

function wordAt(column, row) {
  const at = list[column].at[row];
  return at < 0 ? "" : list[column].words[at];
}

function placeOf(accountId) {
  if (places === null) places = new Map(list.account_id.map((id, row) => [id, row]));
  return places.get(accountId);
}

// The record of the account at that place of the list; see serving/pages/details.py
async function detailOf(row) {
  const number = Math.floor(row / page.block);
  if (!blocks.has(number)) blocks.set(number, unpacked(number));
  return (await blocks.get(number))[row % page.block];
}

async function unpacked(number) {
  const element = document.getElementById("block-" + number) || (await whenRead("block-" + number));
  const letters = atob(element.textContent);
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

// Blocks stand at the page's end; somebody may open an account before all of it has been read.
function whenRead(id) {
  return new Promise((resolve, reject) => {
    const found = () => {
      const element = document.getElementById(id);
      if (element) resolve(element);
      else reject(new Error("This page is not whole: " + id + " is missing."));
    };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", found, { once: true });
    else found();
  });
}
