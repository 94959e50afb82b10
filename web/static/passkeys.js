// SPDX-License-Identifier: Apache-2.0
// Passkeys: asks the device, and sends its answer with the form that stands in the page.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const written = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const listed = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

const ask = {
  async get(options) {
    const key = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge) } });
    const { clientDataJSON, authenticatorData, signature, userHandle } = key.response;
    return answer(key, { clientDataJSON, authenticatorData, signature, ...(userHandle ? { userHandle } : {}) });
  },
  async create(options) {
    const key = await navigator.credentials.create({
      publicKey: {
        ...options,
        challenge: bytes(options.challenge),
        user: { ...options.user, id: bytes(options.user.id) },
        excludeCredentials: listed(options.excludeCredentials),
      },
    });
    const { clientDataJSON, attestationObject } = key.response;
    return answer(key, { clientDataJSON, attestationObject });
  },
};

function answer(key, response) {
  const parts = Object.entries(response).map(([name, value]) => [name, written(value)]);
  return JSON.stringify({ id: key.id, rawId: written(key.rawId), type: key.type, response: Object.fromEntries(parts), clientExtensionResults: {} });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    const problem = form.querySelector("[data-problem]");
    problem.hidden = true;
    try {
      form.elements.answer.value = await ask[form.dataset.passkey](JSON.parse(form.dataset.options));
      form.requestSubmit(event.submitter);
    } catch {
      problem.hidden = false;
    }
  });
}
