// What every page of the console does beyond links and forms. All of it works without.
"use strict";

// A notice can be put away once there is a script to do it.
function show_dismissals(root) {
  for (const button of root.querySelectorAll("[data-dismiss][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) button.closest(".notice, .alert").remove();
});

function is_typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
}

// "/" searches, "n" begins a campaign, Escape puts away what is open.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") {
    document.getElementById("alerts").replaceChildren();
    return;
  }
  if (is_typing(event.target)) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("input")) found.select();
  else found.click();
});

// What did not reach the server: say so, and let each part show the truth again.
function say_lost() {
  const alert = document.createElement("p");
  alert.className = "alert";
  alert.textContent = document.body.dataset.lost;
  document.getElementById("alerts").replaceChildren(alert);
}
document.addEventListener("htmx:sendError", say_lost);
document.addEventListener("htmx:timeout", say_lost);
document.addEventListener("htmx:beforeRequest", () => document.getElementById("alerts").replaceChildren());
document.addEventListener("htmx:afterSettle", () => show_dismissals(document));

show_dismissals(document);
