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

  // `?` shows the keys in a sheet over the page, made of the page that lists them.
  const help = async () => {
    let sheet = document.getElementById("keys-sheet");
    if (!sheet) {
      const answer = await fetch("/help/keys");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      sheet = document.createElement("dialog");
      sheet.id = "keys-sheet";
      sheet.append(...page.querySelectorAll(".keys"));
      sheet.setAttribute("aria-label", page.querySelector("h1").textContent);
      sheet.addEventListener("click", () => sheet.close());
      document.body.append(sheet);
    }
    sheet.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !find) return;
    if (event.target instanceof Element && event.target.matches(typing)) return;
    if (event.key === "/") {
      event.preventDefault();
      find.focus();
      find.select();
    } else if (event.key === "?") {
      event.preventDefault();
      help();
    } else if (/^[0-9]$/.test(event.key)) {
      // A scanner fired while the cursor was elsewhere: its digits belong in the find box.
      find.value = "";
      find.focus();
    }
  });

  // On a phone, Find leads to the box on top; without a script it leads to a page.
  for (const link of document.querySelectorAll("[data-focus]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(link.dataset.focus).focus();
      scrollTo({ top: 0 });
    });
  }

  // Groups of the menu stay as they were left.
  const places = document.querySelector(".places[data-remember]");
  places?.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("details")) return;
    const open = [...places.querySelectorAll("details[open]")].map((each) => each.dataset.area);
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `${places.dataset.remember}=${open.join(".") || "-"}`
      + `;path=/;max-age=31536000;samesite=lax${secure}`;
  }, true);

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
