// Live parts of pages: told by the event stream, or looked up every two seconds without one.
"use strict";

(() => {
  const EVERY_MS = 2000;
  const SOONEST_MS = 300;

  const follow = (place) => {
    let stream, timer, fetching = false, again = false, heard = false;

    const over = () => {
      stream?.close();
      clearInterval(timer);
      for (const form of document.querySelectorAll("[data-until-over]")) form.hidden = true;
      place.querySelector("a.button.main")?.focus();
    };

    const look = async () => {
      if (fetching) { again = true; return; }
      fetching = true;
      try {
        const answer = await fetch(place.dataset.live, { credentials: "same-origin", redirect: "error" });
        if (answer.ok) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          place.replaceChildren(...page.body.childNodes);
        }
      } catch {
        // The node is away just now; the next look may find it.
      }
      setTimeout(() => {
        fetching = false;
        if (place.querySelector("[data-over]")) over();
        else if (again) { again = false; look(); }
      }, SOONEST_MS);
    };

    timer = setInterval(() => { if (!heard) look(); }, EVERY_MS);
    if (place.dataset.events && "EventSource" in window) {
      stream = new EventSource(place.dataset.events);
      stream.onopen = () => { heard = true; look(); };
      stream.onmessage = look;
      stream.onerror = () => { heard = false; };
    }
  };

  for (const place of document.querySelectorAll("[data-live]")) follow(place);
})();
