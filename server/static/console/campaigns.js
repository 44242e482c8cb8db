// The list of campaigns and the bin: selecting many, switches that show the truth, focus.
"use strict";

const results = document.getElementById("results");
const search = document.getElementById("search");
let last_clicked = null;

// Selecting. The bar is shown by the style sheet; what is here counts, fills and clears.

function boxes() {
  return [...results.querySelectorAll("[name=id]")];
}

function show_selection() {
  const all = boxes();
  const selected = all.filter((box) => box.checked).length;
  const count = results.querySelector("[data-count]");
  if (!count) return;
  count.textContent = results.dataset.selected.replace("{count}", selected);
  const every = results.querySelector("[data-all]");
  every.checked = selected > 0 && selected === all.length;
  every.indeterminate = selected > 0 && selected < all.length;
}

function show_scripted() {
  for (const part of results.querySelectorAll("[data-scripted][hidden]")) part.hidden = false;
  last_clicked = null;
  show_selection();
}

results.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches("[name=id]")) return;
  const all = boxes();
  if (event.shiftKey && all.includes(last_clicked)) {
    const [from, to] = [all.indexOf(last_clicked), all.indexOf(box)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
  }
  last_clicked = box;
});

results.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
  }
  show_selection();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || (event.target === search && search.value)) return;
  const selected = boxes().filter((box) => box.checked);
  const bar = document.activeElement.closest(".selbar");
  if (!selected.length) return;
  event.preventDefault(); // and nothing else is put away by the same press
  for (const box of selected) box.checked = false;
  show_selection();
  if (bar) (selected.includes(last_clicked) ? last_clicked : selected[0]).focus();
}, true);

// From a box to what can be done with the selected, however far up that is.
results.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[name=id], [data-all]")) return;
  event.preventDefault();
  const first = results.querySelector(".selbar button");
  if (boxes().some((box) => box.checked)) first.focus({ preventScroll: true });
});

// A switch moves at once, and back if the server did not say so.

function is_switch(element) {
  return element.matches("[role=switch]");
}

function put_back(button) {
  button.setAttribute("aria-checked", String(button.value === "false"));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const element = event.detail.elt;
  if (is_switch(element)) element.setAttribute("aria-checked", element.value);
});

document.addEventListener("htmx:responseError", (event) => {
  if (is_switch(event.detail.elt)) put_back(event.detail.elt);
});

for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, (event) => {
    if (is_switch(event.detail.elt)) {
      put_back(event.detail.elt);
      ask_again(1000);
    }
  });
}

// The answer was lost, and perhaps not the request: ask what is true as soon as somebody answers.
let waiting = 0;
let waiting_for = 0;

async function look() {
  clearTimeout(waiting);
  const wait = waiting_for;
  waiting_for = 0;
  try {
    const answer = await fetch(location.href, { method: "HEAD", credentials: "same-origin" });
    if (!answer.ok) throw new Error(answer.statusText);
  } catch {
    ask_again(Math.min(2 * wait, 30000));
    return;
  }
  htmx.ajax("GET", location.href, { target: "#results", source: "#results" });
}


function ask_again(milliseconds) {
  clearTimeout(waiting);
  waiting_for = milliseconds;
  waiting = setTimeout(look, milliseconds);
}

window.addEventListener("online", () => {
  if (waiting_for) look();
});

// A link that was made before the last letters were typed asks for them too.
document.addEventListener("htmx:configRequest", (event) => {
  if (!search || !event.detail.elt.matches("#results a")) return;
  const address = new URL(event.detail.path, location.href);
  if (search.value) address.searchParams.set("search", search.value);
  else address.searchParams.delete("search");
  event.detail.path = address.pathname + address.search;
});

// A row that is selected stays so when its switch brings a new one.
let kept = "";

document.addEventListener("htmx:beforeSwap", (event) => {
  const row = event.detail.target;
  kept = row.matches("tr") && row.querySelector("[name=id]:checked") ? row.id : "";
});

document.addEventListener("htmx:afterSwap", () => {
  const box = kept && document.querySelector(`#${CSS.escape(kept)} [name=id]`);
  if (box) box.checked = true;
});

// Whoever had the focus on something that is gone goes on at the list.
document.addEventListener("htmx:afterSettle", (event) => {
  show_scripted();
  const target = event.detail.target;
  if (target === results && document.activeElement === document.body) {
    results.focus({ preventScroll: true });
  }
});

// A browser that goes back may show boxes as they were left.
window.addEventListener("pageshow", show_selection);
show_scripted();
