// Passkeys. A form marked data-passkey="create" or "get" asks the browser for one with the options of
// the page, and sends what it gives.
"use strict";

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const refused = document.getElementById("refused");
  const ask = async () => {
    const options = JSON.parse(document.getElementById("passkey-options").textContent);
    try {
      const passkey = form.dataset.passkey === "create"
        ? await webauthnJSON.create(options.creation_options)
        : await webauthnJSON.get(options.request_options);
      form.elements.credential.value = JSON.stringify(passkey);
      form.submit();
    } catch {
      const item = document.createElement("li");
      item.textContent = refused.dataset.failed;
      refused.replaceChildren(item);
      refused.hidden = false;
    }
  };
  form.hidden = false;
  form.querySelector("button[type=button]").addEventListener("click", ask);
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
}
