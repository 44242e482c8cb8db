// What every page of the console does beyond links and forms. All of it works without.
"use strict";

// A notice can be put away once there is a script to do it.
function show_dismissals(root) {
  for (const button of root.querySelectorAll("[data-dismiss][hidden]")) button.hidden = false;
}

// Whoever stood on what goes away goes on at the content.
function put_away(element) {
  if (element.contains(document.activeElement)) document.getElementById("main").focus({ preventScroll: true });
  element.remove();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) put_away(button.closest(".notice, .alert"));
});

function is_typing(target) {
  return target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
}

// What was typed into a form that changes something is not left behind by a single letter.
function is_filled_in() {
  const fields = document.querySelectorAll("main form[method=post] :is(input, textarea)");
  return [...fields].some((field) => field.value !== field.defaultValue);
}

function close_what_is_open(target) {
  const question = target.closest("details[open]");
  document.getElementById("alerts").replaceChildren();
  if (is_typing(target)) return;
  if (question) {
    question.open = false;
    question.querySelector("summary").focus();
    return;
  }
  for (const notice of document.querySelectorAll("#notices .notice")) put_away(notice);
}

// "/" searches, "n" begins a campaign, Escape puts away what is open. A page that has no place for
// a key of its own leads to the page that has.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === "Escape") {
    close_what_is_open(event.target);
    return;
  }
  if (is_typing(event.target)) return;
  const key = CSS.escape(event.key);
  const elsewhere = is_filled_in() ? null : document.querySelector(`[data-key-elsewhere="${key}"]`);
  const found = document.querySelector(`[data-key="${key}"]`) || elsewhere;
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

// Focus. What has an id keeps it through a swap; where it is gone, what came instead takes it.
function focus_on(element, options) {
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus(options);
}

let was_inside = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  was_inside = event.detail.target.contains(document.activeElement) && document.activeElement !== document.body;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const { target } = event.detail;
  if (was_inside && target.isConnected && document.activeElement === document.body) focus_on(target, { preventScroll: true });
});

// A form leads to a new page, which begins at its top. Whoever used the keyboard, and comes to a page
// of the same title, goes on where it was: at the button, or else at the smallest part that is left. What another page
// offers to undo is the next stop there.
const PRESSED = "ratecard-pressed";

function names_around(element) {
  const names = [];
  for (let one = element; one && one.id !== "main"; one = one.parentElement) {
    if (one.id) names.push(one.id);
    if (one.matches("section[aria-labelledby]")) names.push(one.getAttribute("aria-labelledby"));
  }
  return names;
}

document.addEventListener("submit", (event) => {
  const focused = document.activeElement;
  if (event.defaultPrevented || !focused.matches(":focus-visible")) return;
  sessionStorage.setItem(PRESSED, JSON.stringify([document.title, ...names_around(focused), "main"]));
});

function go_on() {
  const [title, ...names] = JSON.parse(sessionStorage.getItem(PRESSED) ?? "[]");
  sessionStorage.removeItem(PRESSED);
  if (!title || document.querySelector("[autofocus]")) return;
  const undo = document.querySelector("#notices:has(form)");
  const name = names.find((each) => document.getElementById(each));
  if (title === document.title) focus_on(document.getElementById(name));
  else if (undo) focus_on(undo);
}

// What a live region begins with is not read out; what comes into it is.
function read_out(region) {
  if (!region || !region.childElementCount) return;
  requestAnimationFrame(() => {
    if (!region.querySelector(":focus")) region.replaceChildren(...region.childNodes);
  });
}

show_dismissals(document);
read_out(document.getElementById("notices"));
go_on();
