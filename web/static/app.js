// Conveniences only: every page works without this script.
"use strict";

(() => {
  const find = document.getElementById("find");
  const typing = "input, textarea, select, [contenteditable]";

  // The cursor waits in the find box, where a scanner types; not on phones, where it would
  // raise the keyboard, and not when the page put it elsewhere.
  if (find && matchMedia("(pointer: fine)").matches && !location.hash
      && document.activeElement === document.body) {
    find.focus();
    find.select();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !find) return;
    if (event.target instanceof Element && event.target.matches(typing)) return;
    if (event.key === "/") {
      event.preventDefault();
      find.focus();
      find.select();
    } else if (/^[0-9]$/.test(event.key)) {
      // A scanner fired while the cursor was elsewhere: its digits belong in the find box.
      find.value = "";
      find.focus();
    }
  });

  // Lists in the filter form take effect when chosen.
  for (const form of document.querySelectorAll("form.filters")) {
    form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLSelectElement) form.requestSubmit();
    });
    // Empty boxes stay out of the address.
    form.addEventListener("submit", () => {
      for (const input of form.querySelectorAll("input, select")) {
        if (!input.value) input.disabled = true;
      }
    });
  }
  addEventListener("pageshow", () => {
    for (const input of document.querySelectorAll("form.filters :disabled")) input.disabled = false;
  });

  // "3 min ago" beside recent times that ask for it; the exact time stays on hover.
  const steps = [[60, "second"], [3600, "minute", 60], [86400, "hour", 3600]];
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en",
    { style: "short", numeric: "auto" });
  const tell = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      const step = steps.find(([below]) => seconds < below);
      if (seconds < 0 || !step) continue;
      time.title ||= time.textContent;
      time.textContent = words.format(-Math.round(seconds / (step[2] || 1)), step[1]);
    }
  };
  tell();
  setInterval(tell, 30000);

  // A menu closes when the click or the focus leaves it, and on Escape.
  for (const menu of document.querySelectorAll("details.menu")) {
    const close = () => { menu.open = false; };
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) close();
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { close(); menu.querySelector("summary").focus(); }
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  for (const box of document.querySelectorAll("[data-show-password]")) {
    const password = document.getElementById(box.dataset.showPassword);
    box.closest("label").hidden = false;
    box.addEventListener("change", () => { password.type = box.checked ? "text" : "password"; });
  }
})();
