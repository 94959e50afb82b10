// Ctrl-K: the find page in a sheet over the page that is open. Arrows choose, Enter goes.
"use strict";

(() => {
  const box = document.getElementById("find");
  if (!box) return;
  let sheet, input, results, timer, asked;

  const make = () => {
    sheet = document.createElement("dialog");
    sheet.className = "palette";
    sheet.setAttribute("aria-label", box.placeholder);
    input = document.createElement("input");
    input.type = "search";
    input.maxLength = 200;
    input.autocomplete = "off";
    input.placeholder = box.placeholder;
    input.setAttribute("aria-label", box.placeholder);
    results = document.createElement("div");
    results.className = "found";
    results.setAttribute("aria-live", "polite");
    sheet.append(input, results);
    document.body.append(sheet);
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(find, 150);
    });
    sheet.addEventListener("keydown", move);
    sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  };

  const address = () => `/find?${new URLSearchParams({ q: input.value })}`;

  const find = async () => {
    const wanted = asked = address();
    const answer = await fetch(wanted);
    if (wanted !== asked || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("found");
    if (found) {
      results.replaceChildren(...found.children);
      // What is done from here leads back to here.
      for (const next of results.querySelectorAll("input[name=next]")) {
        next.value = location.pathname + location.search;
      }
    } else {
      // It led straight to a record.
      const link = document.createElement("a");
      link.href = answer.url;
      link.textContent = page.querySelector("h1")?.textContent ?? input.value;
      const item = document.createElement("li");
      item.append(link);
      const list = document.createElement("ul");
      list.append(item);
      results.replaceChildren(list);
    }
  };

  const move = (event) => {
    const links = [...results.querySelectorAll("li a, li button")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && links.length) {
      event.preventDefault();
      links[Math.min(at + 1, links.length - 1)].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (links[at - 1] ?? input).focus();
    } else if (event.key === "Enter" && document.activeElement === input && input.value.trim()) {
      event.preventDefault();
      location.assign(address());
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    if (!sheet) make();
    if (sheet.open) { sheet.close(); return; }
    sheet.showModal();
    input.select();
    find();
  });
})();
