// Conveniences of forms: every form works without this script.
"use strict";

(() => {
  // What was typed is not lost by leaving the page without a thought.
  for (const form of document.querySelectorAll("form[data-guard]")) {
    const state = () => JSON.stringify([...new FormData(form)].map(([n, v]) => [n, v.name ?? v]));
    const before = state();
    const isWrong = Boolean(document.querySelector(".box.wrong, .box.stale"));
    let leaves = false;
    form.addEventListener("submit", () => { leaves = true; });
    form.querySelector("[data-leave]")?.addEventListener("click", () => { leaves = true; });
    addEventListener("beforeunload", (event) => {
      if (!leaves && (isWrong || state() !== before)) event.preventDefault();
    });
    addEventListener("pageshow", () => { leaves = false; });
    form.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === "s") {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    const first = form.querySelector(".wrong input:not([type=hidden]), .wrong select, .wrong textarea");
    first?.focus();
  }

  // A combobox over another table (ARIA Authoring Practices: combobox with a list).
  let lists = 0;
  for (const combo of document.querySelectorAll(".combo[data-choose]")) {
    const input = combo.querySelector("input:not([type=hidden])");
    const id = combo.querySelector("input[type=hidden]");
    const list = document.createElement("ul");
    list.id = `choices-${++lists}`;
    list.className = "choices";
    list.role = "listbox";
    list.hidden = true;
    list.setAttribute("aria-label", input.labels[0]?.textContent.trim() ?? "");
    combo.append(list);
    input.role = "combobox";
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    const button = combo.querySelector("button");
    let chosen = { id: id.value, text: input.value };
    let active = -1;
    let asked = 0;
    let timer = 0;

    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (index) => {
      active = index;
      [...list.children].forEach((item, n) => item.setAttribute("aria-selected", n === index));
      const item = list.children[index];
      if (!item) return;
      item.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", item.id);
    };
    const choose = (match) => {
      chosen = match;
      id.value = match.id;
      input.value = match.text;
      close();
    };
    const show = (matches) => {
      list.replaceChildren(...matches.map((match, n) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${n}`;
        item.role = "option";
        item.dir = "auto";
        item.textContent = match.text;
        item.setAttribute("aria-selected", "false");
        item.addEventListener("pointerdown", (event) => event.preventDefault());
        item.addEventListener("click", () => choose(match));
        item.match = match;
        return item;
      }));
      list.hidden = matches.length === 0;
      input.setAttribute("aria-expanded", String(matches.length > 0));
      active = -1;
    };
    const ask = async () => {
      const mine = ++asked;
      const path = `${combo.dataset.choose}?${new URLSearchParams({ q: input.value })}`;
      const answer = await fetch(path, { headers: { Accept: "application/json" } });
      if (!answer.ok || mine !== asked) return [];
      const { matches } = await answer.json();
      return mine === asked ? matches : [];
    };
    const open = async () => {
      clearTimeout(timer);
      const matches = await ask();
      if (document.activeElement === input) show(matches);
    };

    input.addEventListener("input", () => {
      id.value = input.value === chosen.text ? chosen.id : "";
      clearTimeout(timer);
      timer = setTimeout(open, 150);
    });
    input.addEventListener("keydown", async (event) => {
      const last = list.children.length - 1;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) await open();
        else if (event.key === "ArrowDown") mark(active >= last ? 0 : active + 1);
        else mark(active <= 0 ? last : active - 1);
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        choose(list.children[active].match);
      } else if (event.key === "Enter" && input.value && !id.value) {
        // A scanner types a code and Enter, quicker than any list unfolds.
        event.preventDefault();
        clearTimeout(timer);
        const matches = await ask();
        if (matches.length) choose(matches[0]);
        else close();
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.addEventListener("blur", close);
    button?.addEventListener("click", (event) => {
      event.preventDefault();
      input.focus();
      open();
    });
  }
})();
