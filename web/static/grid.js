// Conveniences of grids: every grid works without this script.
"use strict";

(() => {
  const $ = (selector, inside = document) => inside.querySelector(selector);
  const $$ = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const typing = "input:not([type=checkbox]), textarea, select, [contenteditable]";
  const table = $("table.grid");

  // The form for a filter asks the server what fits the column or rule that was chosen.
  for (const select of $$("select[data-submits]")) {
    select.addEventListener("change", () => {
      const form = select.form;
      for (const name of select.name === "f" ? ["v", "x", "y"] : ["x", "y"]) {
        const input = form.elements.namedItem(name);
        if (input instanceof Element) input.disabled = true;
      }
      form.requestSubmit();
    });
  }
  const first = $(".opened [data-first]") || $(".opened select, .opened input:not([type=hidden])");
  if (first) first.focus();
  if (!table) return;

  // Shift and click on a head orders by this column, too, after the others.
  table.tHead.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[data-then]");
    if (!link || !event.shiftKey) return;
    event.preventDefault();
    location.assign(link.dataset.then);
  });

  // Choosing rows: the bar with what can be done comes with the first, and tells how many.
  const form = document.getElementById("chosen");
  const boxes = $$("td.choose input", table);
  const all = $("th.choose input", table);
  let last = null;
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    if (!form) return;
    form.hidden = chosen === 0;
    const said = $("[data-count]", form);
    if (said) said.textContent = chosen;
    const matching = $("[data-all]", form);
    if (matching) {
      matching.hidden = chosen < boxes.length;
      if (matching.hidden) $("input", matching).checked = false;
    }
  };
  if (form) {
    if (all) {
      all.parentElement.hidden = false;
      all.addEventListener("change", () => {
        for (const box of boxes) box.checked = all.checked;
        count();
      });
    }
    table.addEventListener("click", (event) => {
      const box = event.target;
      if (!(box instanceof HTMLInputElement) || !boxes.includes(box)) return;
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
      }
      last = box;
      count();
    });
    addEventListener("pageshow", count);
    count();
  }

  // Keys: j and k go down and up, x chooses, Enter opens, e edits, n and p turn the page.
  const rows = $$("tbody tr[data-key]", table);
  let at = -1;
  const go = (index) => {
    if (!rows.length) return;
    if (rows[at]) rows[at].classList.remove("at");
    at = Math.min(Math.max(index, 0), rows.length - 1);
    rows[at].classList.add("at");
    rows[at].scrollIntoView({ block: "nearest" });
    const link = $("td.lead-cell a", rows[at]) || $("td a", rows[at]);
    if (link) link.focus({ preventScroll: true });
  };
  const path = (end = "") => `${table.dataset.path}/${rows[at].dataset.key}${end}`;
  const keys = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    x: () => { const box = rows[at] && $("td.choose input", rows[at]); if (box) box.click(); },
    e: () => {
      if (!rows[at] || !table.dataset.edit) return;
      location.assign(`${path("/edit")}?next=${encodeURIComponent(location.pathname + location.search)}`);
    },
    Enter: () => { if (rows[at] && document.activeElement === document.body) location.assign(path()); },
    n: () => { const link = $(".pager a[rel=next]"); if (link) link.click(); },
    p: () => { const link = $(".pager a[rel=prev]"); if (link) link.click(); },
    f: () => { const tool = $("a[data-tool=filter]"); if (tool) tool.click(); },
    c: () => { const clear = $(".chips .clear"); if (clear) clear.click(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.documentElement.dataset.keys === "off") return;
    if (event.target instanceof Element && event.target.matches(typing)) return;
    const act = keys[event.key];
    if (!act) return;
    if (event.key !== "Enter") event.preventDefault();
    act();
  });
})();
