// The form of a campaign: rows come and go in place, and nothing typed is lost. All of it works
// without, by the same buttons: they send the form, and get it back.
"use strict";

{
  const form = document.getElementById("campaign");
  const rows = document.getElementById("rows");
  const add = document.getElementById("add");
  const said = document.getElementById("said");
  const newer = document.getElementById("newer");
  const LOOK_EVERY_MS = 15_000;
  const PRESSED_ONCE_MS = 3000;
  let next_key = rows.children.length;
  let is_changed = form.hasAttribute("data-changed");
  let is_leaving = false;

  const fill_in = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const field = (row, name) => row.querySelector(`[name=${name}]`);
  const row_name = (row) => fill_in(form.dataset.row, { number: [...rows.children].indexOf(row) + 1 });
  const label_of = (row) => field(row, "country").value.trim() || row_name(row).toLowerCase();

  function number_rows() {
    for (const row of rows.children) {
      row.setAttribute("aria-label", row_name(row));
      row.querySelector(".icon").setAttribute("aria-label", fill_in(form.dataset.remove, { name: label_of(row) }));
    }
    add.disabled = rows.children.length >= Number(form.dataset.most);
  }

  // A key is given once: what other elements say about a field stays true.
  function add_row() {
    const above = rows.lastElementChild;
    const row = document.getElementById("empty-row").content.cloneNode(true).firstElementChild;
    const key = next_key++;
    for (const element of [row, ...row.querySelectorAll("[id]")]) element.id = element.id.replace("NEW", key);
    field(row, "currency").value = (above && field(above, "currency").value) || form.dataset.currency;
    rows.append(row);
    number_rows();
    return row;
  }

  function remove_row(row) {
    const name = label_of(row);
    const neighbour = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    if (!neighbour) field(add_row(), "country").focus();
    else neighbour.querySelector(".icon").focus();
    number_rows();
    said.textContent = fill_in(form.dataset.removed, { name });
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=do]");
    if (!button) return;
    if (button === add) field(add_row(), "country").focus();
    else if (button.value.startsWith("remove:")) remove_row(button.closest(".row"));
    else return;
    event.preventDefault();
    is_changed = true;
  });

  form.addEventListener("input", (event) => {
    is_changed = true;
    if (event.target.name === "country") number_rows();
  });

  // What stands in these is chosen again, not added to: the list offers all, not what is there.
  form.addEventListener("focusin", (event) => {
    if (event.target.list) event.target.select();
  });

  // Lines of a spreadsheet go where such lines are read, whichever field they are pasted into.
  form.addEventListener("paste", (event) => {
    if (event.target.name !== "country") return;
    const text = event.clipboardData.getData("text").replace(/^[\r\n]+|\s+$/g, "");
    if (!/[\r\n\t]/.test(text)) return;
    event.preventDefault();
    const pasted = document.getElementById("pasted");
    pasted.value = pasted.value.trim() ? `${pasted.value}\n${text}` : text;
    form.requestSubmit(document.getElementById("fill"));
  });

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(document.getElementById("save"));
  });

  form.addEventListener("submit", (event) => {
    // Pressed twice, a new campaign would meet its own title.
    if (is_leaving) event.preventDefault();
    is_leaving = true;
    setTimeout(() => { is_leaving = false; }, PRESSED_ONCE_MS); // who stopped it may save again
  });
  window.addEventListener("beforeunload", (event) => {
    if (is_changed && !is_leaving) event.preventDefault();
  });

  // Whether somebody else has saved meanwhile. It is only a look: it may fail without a word, and
  // an ended session asks for the password when the form is sent, not now.
  if (newer) {
    let is_told = false;
    const look = () => {
      if (document.visibilityState === "visible" && !is_told) htmx.trigger(newer, "look");
    };
    setInterval(look, LOOK_EVERY_MS);
    document.addEventListener("visibilitychange", look);
    newer.addEventListener("htmx:afterSwap", () => { is_told = true; });
    newer.addEventListener("click", (event) => {
      if (event.target.closest("[data-put-away]")) newer.replaceChildren();
    });
    newer.addEventListener("htmx:beforeOnLoad", (event) => {
      if (event.detail.xhr.status >= 300 || event.detail.xhr.getResponseHeader("HX-Redirect")) event.preventDefault();
    });
    for (const name of ["beforeRequest", "sendError", "timeout"]) {
      newer.addEventListener(`htmx:${name}`, (event) => event.stopPropagation());
    }
  }
}
