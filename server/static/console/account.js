// Signing up, and the profile: small helps, without which all works too.
"use strict";

// A new account begins in the time zone of its browser.
for (const input of document.querySelectorAll("[data-time-zone]")) {
  if (!input.value) input.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

// Browsers have a clipboard only where the page came safely.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const label = button.textContent;
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      source.select();
      await navigator.clipboard.writeText(source.value);
      button.textContent = button.dataset.copied;
      button.addEventListener("blur", () => { button.textContent = label; }, { once: true });
    });
  }
}
