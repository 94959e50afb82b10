// Draws the figures of a table as lines; the table beside says the same in words.
"use strict";

(() => {
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // light-dark() is only resolved where it is used: let an element use it.
  const resolved = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found || color(name);
  };

  const draw = (place) => {
    const rows = [...document.getElementById(place.dataset.graph).tBodies[0].rows];
    const hours = rows.map((row) => Number.parseInt(row.cells[0].textContent, 10));
    const series = [1, 2].map((at) => rows.map((row) => Number(row.cells[at].dataset.value)));
    const [soft, line] = [resolved("--soft"), resolved("--line")];
    const axis = { stroke: soft, grid: { stroke: line }, ticks: { stroke: line } };
    const options = {
      width: place.clientWidth,
      height: 220,
      legend: { show: true, live: false },
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { range: (_plot, _low, high) => [0, high * 1.1 || 1] } },
      axes: [{ ...axis, incrs: [1, 2, 3, 4, 6, 12], values: (_plot, at) => at.map((hour) => `${hour}:00`) }, { ...axis, size: 64 }],
      series: [
        {},
        { label: place.dataset.now, stroke: resolved("--link"), width: 2 },
        { label: place.dataset.before, stroke: soft, width: 2, dash: [6, 4] },
      ],
    };
    place.replaceChildren();
    return new uPlot(options, [hours, ...series], place);
  };

  addEventListener("DOMContentLoaded", () => {
    for (const place of document.querySelectorAll("[data-graph]")) {
      let plot = draw(place);
      new ResizeObserver(() => {
        if (place.clientWidth) plot.setSize({ width: place.clientWidth, height: 220 });
      }).observe(place);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        plot.destroy();
        plot = draw(place);
      });
    }
  });
})();
