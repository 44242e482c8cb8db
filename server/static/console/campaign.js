// The map: what a country is paid, under the pointer or by the arrow keys; its row shows with it.
"use strict";

const world = document.querySelector("[data-world]");
const says = world.querySelector("[data-says]");
const ring = world.querySelector("[data-ring]");
const rows = [...document.querySelectorAll("[data-row]")];
let shown = "";

function show(code) {
  if (code === shown) return;
  shown = code;
  const land = code && world.querySelector(`[data-land="${code}"]`);
  says.textContent = land ? land.textContent : "";
  if (land) ring.setAttribute("href", `${ring.dataset.file}#${code}`);
  else ring.removeAttribute("href");
  for (const row of rows) row.classList.toggle("on", row.dataset.row === code);
}

world.addEventListener("pointerover", (event) => {
  const land = event.target.closest("[data-land]");
  if (land) show(land.dataset.land);
});
world.addEventListener("pointerleave", () => show(""));
for (const row of rows) {
  row.addEventListener("pointerenter", () => show(row.dataset.row));
  row.addEventListener("pointerleave", () => show(""));
}

// One stop for Tab; the arrow keys go through the countries of the table, in its order.
world.tabIndex = 0;
world.setAttribute("role", "group");
world.setAttribute("aria-label", world.dataset.label);
says.setAttribute("aria-live", "polite");
world.addEventListener("focusout", () => show(""));
world.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !rows.length) return;
  const at = rows.findIndex((row) => row.dataset.row === shown);
  const to = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at < 0 ? rows.length - 1 : at - 1,
    ArrowUp: at < 0 ? rows.length - 1 : at - 1,
    Home: 0,
    End: rows.length - 1,
  }[event.key];
  if (event.key === "Escape") show("");
  if (to === undefined) return;
  event.preventDefault();
  show(rows.at(to % rows.length).dataset.row);
});

// What was looked up shows on the map, if it is one country.
function show_found() {
  const found = document.querySelectorAll("[data-found]");
  show(found.length === 1 ? found[0].dataset.found : "");
}
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "answers") show_found();
});
show_found();
