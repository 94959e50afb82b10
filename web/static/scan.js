// SPDX-License-Identifier: Apache-2.0
// The camera as a scanner: reads barcodes, and asks for each what the find box would ask.
"use strict";

(() => {
  const PAUSE_MS = 100;
  const GONE_MS = 1500;
  const WIDEST = 1024;
  const MOST = 30;
  const REMEMBERED = "poser-scan-on";
  // Their names in the browser's own reader; without check digits, misreads would be many.
  const FORMATS = {
    EAN13: "ean_13", EAN8: "ean_8", UPCA: "upc_a", UPCE: "upc_e", Code128: "code_128", DataBar: "",
  };

  const camera = document.getElementById("camera");
  const sight = camera.querySelector(".sight");
  const video = camera.querySelector("video");
  const [start, stop, torch] = ["start", "stop", "torch"]
    .map((name) => camera.querySelector(`[data-do=${name}]`));
  const form = document.getElementById("codes");
  const field = document.getElementById("code");
  const goOn = document.getElementById("on");
  const scanned = document.getElementById("scanned");
  const list = scanned.querySelector("ol");
  let stream, read, sound, wanted = false;
  let last = "", taken = "", takenAt = 0;
  let queue = Promise.resolve();

  // Trouble is said in the page's own words, of which one stands there at a time.
  const say = (trouble) => {
    for (const each of document.querySelectorAll("[data-trouble]")) {
      each.hidden = each.dataset.trouble !== trouble;
    }
  };

  // Looking ------------------------------------------------------------------------------
  const ownReader = async () => {
    if (!("BarcodeDetector" in window)) return null;
    const able = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (!able.includes("ean_13")) return null;
    const formats = Object.values(FORMATS).filter((format) => able.includes(format));
    const detector = new BarcodeDetector({ formats });
    return async () => (await detector.detect(video))[0]?.rawValue ?? "";
  };

  const load = (address) => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", done);
    script.addEventListener("error", failed);
    document.head.append(script);
  });

  const wasmReader = async () => {
    await load(camera.dataset.reader);
    await ZXingWASM.prepareZXingModule({
      overrides: { locateFile: () => camera.dataset.wasm }, fireImmediately: true,
    });
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const options = { formats: Object.keys(FORMATS), maxNumberOfSymbols: 1 };
    return async () => {
      const scale = Math.min(1, WIDEST / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      pen.drawImage(video, 0, 0, canvas.width, canvas.height);
      const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
      return (await ZXingWASM.readBarcodes(picture, options))[0]?.text ?? "";
    };
  };

  const watch = async (mine) => {
    while (stream === mine) {
      if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && video.videoWidth) {
        see((await read()).trim());
      }
      await new Promise((go) => { setTimeout(go, PAUSE_MS); });
    }
  };

  // Two looks must agree. What stays before the camera counts once.
  const see = (code) => {
    const now = performance.now();
    if (code && code === taken && now - takenAt < GONE_MS) {
      takenAt = now;
    } else if (code && code === last) {
      [taken, takenAt] = [code, now];
      signal();
      take(code);
    }
    last = code;
  };

  const signal = () => {
    camera.classList.add("seen");
    setTimeout(() => camera.classList.remove("seen"), 400);
    // Before anybody touched the page, browsers refuse both and complain.
    if (!navigator.userActivation?.hasBeenActive) return;
    navigator.vibrate?.(60);
    sound ??= new AudioContext();
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = 1760;
    volume.gain.value = 0.08;
    tone.connect(volume).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.09);
  };

  // Camera -------------------------------------------------------------------------------
  const show = (is) => {
    [sight.hidden, start.hidden, stop.hidden] = [!is, is, !is];
    const [track] = stream?.getVideoTracks() ?? [];
    torch.hidden = !is || !track?.getCapabilities?.().torch;
    torch.setAttribute("aria-pressed", "false");
  };

  const trouble = (error) => {
    const known = {
      NotAllowedError: "refused", NotFoundError: "none", OverconstrainedError: "none",
      NotReadableError: "busy", AbortError: "busy",
    };
    return known[error.name] ?? "broken";
  };

  const close = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    video.srcObject = null;
    show(false);
  };

  const open = async () => {
    if (stream || start.disabled) return;
    if (!navigator.mediaDevices) {
      say(isSecureContext ? "none" : "open");
      return;
    }
    say("");
    wanted = start.disabled = true;
    try {
      const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
      stream = await navigator.mediaDevices.getUserMedia(
        { audio: false, video: { facingMode: "environment", ...size } });
      if (document.hidden) { close(); return; }
      const mine = stream;
      stream.getVideoTracks()[0].addEventListener("ended", () => {
        if (stream === mine) { close(); say("busy"); }
      });
      video.srcObject = stream;
      show(true);
      await video.play();
      read ??= await ownReader() ?? await wasmReader();
      watch(mine).catch(() => { close(); say("broken"); });
    } catch (error) {
      close();
      if (wanted) say(trouble(error));
    } finally {
      start.disabled = false;
    }
  };

  start.addEventListener("click", open);
  stop.addEventListener("click", () => { wanted = false; close(); start.focus(); });
  torch.addEventListener("click", async () => {
    const on = torch.getAttribute("aria-pressed") !== "true";
    await stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
    torch.setAttribute("aria-pressed", String(on));
  });
  // A page that nobody sees lets go of the camera.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) close();
    else if (wanted) open();
  });
  addEventListener("pageshow", (event) => { if (event.persisted && wanted) open(); });

  // Finding ------------------------------------------------------------------------------
  const address = (code) => `${form.getAttribute("action")}?${new URLSearchParams({ q: code })}`;

  const take = (code) => {
    if (goOn.checked) {
      queue = queue.then(() => look(code));
    } else {
      close();
      location.assign(address(code));
    }
  };

  const look = async (code) => {
    try {
      const answer = await fetch(address(code));
      if (new URL(answer.url).pathname === "/sign-in") {
        location.assign(answer.url);
        return;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      put(found(code, answer, page));
      say("");
    } catch {
      field.value = code;
      say("away");
      scanned.hidden = false;
    }
  };

  // A page that is not the find page is the one record with this code.
  const found = (code, answer, page) => {
    if (answer.ok && new URL(answer.url).pathname !== form.getAttribute("action")) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = answer.url;
      link.textContent = page.querySelector("h1").textContent.trim();
      item.append(link, ...page.querySelectorAll("[data-brief]"));
      return item;
    }
    const which = page.querySelector("#found li") ? "several" : "nothing";
    const item = document.getElementById(which).content.firstElementChild.cloneNode(true);
    item.querySelector("[data-code]").textContent = code;
    item.querySelector("a").href = address(code);
    return item;
  };

  const put = (item) => {
    scanned.hidden = false;
    list.prepend(item);
    while (list.children.length > MOST) list.lastElementChild.remove();
  };

  form.addEventListener("submit", (event) => {
    if (!goOn.checked) return;
    event.preventDefault();
    const code = field.value.trim();
    field.value = "";
    if (code) take(code);
  });
  goOn.checked = localStorage.getItem(REMEMBERED) === "yes";
  goOn.addEventListener("change", () => {
    localStorage.setItem(REMEMBERED, goOn.checked ? "yes" : "no");
  });
  goOn.closest("p").hidden = false;

  // A scanner that types belongs to this page's own box.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-9]$/.test(event.key)) return;
    if (event.target.matches?.("input, textarea, select")) return;
    event.stopImmediatePropagation();
    field.value = "";
    field.focus();
  }, true);
  if (matchMedia("(pointer: fine)").matches) field.focus();

  camera.hidden = false;
  if (!navigator.mediaDevices) {
    say(isSecureContext ? "none" : "open");
    start.hidden = true;
  } else {
    // Who said yes before is not asked to press a button again.
    navigator.permissions?.query({ name: "camera" })
      .then((permission) => { if (permission.state === "granted") open(); }, () => {});
  }
})();
