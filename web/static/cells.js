// Changing a cell where it stands: double click, or the key i. It is the record's own form that is
// fetched, cut down to one field and sent; what it answers decides. Without this script people use
// that form itself.
"use strict";

(() => {
  const table = document.querySelector("table.grid[data-edit]");
  if (!table) return;
  const heads = [...table.tHead.rows[0].cells];
  const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
  const nameOf = (cell) => heads[cell.cellIndex]?.dataset.name;
  const pathOf = (row) => `${table.dataset.path}/${row.dataset.key}/edit`;
  const here = location.pathname + location.search;
  let open = null;

  const close = () => {
    if (!open) return;
    open.cell.replaceChildren(...open.before);
    open.cell.classList.remove("editing");
    open = null;
  };

  // The box of one field as the record's form shows it, with the token of that page.
  const boxIn = (page, name) => {
    const was = page.querySelector(`form.fields input[name="${CSS.escape(`was.${name}`)}"]`);
    const token = page.querySelector('form.fields input[name="csrf"]');
    return was && token ? [token, was.parentElement] : null;
  };

  const show = (cell, name, parts) => {
    const form = document.createElement("form");
    form.append(...parts.map((part) => document.importNode(part, true)));
    const save = document.createElement("button");
    save.className = "unseen";
    save.textContent = "↵";
    form.append(save);
    if (!open) open = { cell, before: [...cell.childNodes] };
    cell.classList.add("editing");
    cell.replaceChildren(form);
    const input = form.querySelector("input:not([type=hidden]), select, textarea");
    if (input) { input.focus(); if (input.select) input.select(); }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(cell, name, form, "down");
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.stopPropagation(); close(); cell.parentElement.querySelector("a")?.focus(); }
      if (event.key === "Tab") { event.preventDefault(); send(cell, name, form, event.shiftKey ? "left" : "right"); }
    });
  };

  const start = async (cell) => {
    const name = nameOf(cell);
    const row = cell.parentElement;
    if (!name || !row.dataset.key || (open && open.cell === cell)) return false;
    close();
    const answer = await fetch(pathOf(row), { headers: { Accept: "text/html" } });
    if (!answer.ok) return false;
    const parts = boxIn(parsed(await answer.text()), name);
    if (!parts) return false;
    show(cell, name, parts);
    return true;
  };

  const send = async (cell, name, form, then) => {
    const row = cell.parentElement;
    const body = new URLSearchParams(new FormData(form));
    body.set("next", here);
    const answer = await fetch(pathOf(row), { method: "POST", body });
    const page = parsed(await answer.text());
    if (!answer.redirected) {
      // Not saved: the same box again, with what is wrong or what somebody else wrote.
      const parts = boxIn(page, name);
      if (parts) show(cell, name, parts);
      else location.assign(pathOf(row));
      return;
    }
    const fresh = page.querySelector(`tr[data-key="${CSS.escape(row.dataset.key)}"]`);
    open = null;
    const index = cell.cellIndex;
    let shown = row;
    if (fresh) {
      shown = document.importNode(fresh, true);
      row.replaceWith(shown);
      shown.cells[index]?.classList.add("saved");
    } else {
      row.classList.add("faded");
      cell.replaceChildren();
      cell.classList.remove("editing");
    }
    const next = then === "down" ? shown.nextElementSibling?.cells[index]
      : shown.cells[index + (then === "right" ? 1 : -1)];
    if (next) await start(next);
  };

  table.tBodies[0].addEventListener("dblclick", (event) => {
    const cell = event.target instanceof Element && event.target.closest("td:not(.choose)");
    if (cell) { event.preventDefault(); start(cell); }
  });
  document.addEventListener("keydown", async (event) => {
    if (event.key !== "i" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.documentElement.dataset.keys === "off") return;
    if (event.target instanceof Element && event.target.matches("input, textarea, select")) return;
    const row = table.querySelector("tbody tr.at") || table.querySelector("tbody tr[data-key]");
    if (!row) return;
    event.preventDefault();
    for (const cell of row.cells) {
      if (!cell.classList.contains("choose") && !cell.classList.contains("lead-cell")
          && await start(cell)) return;
    }
  });
})();
