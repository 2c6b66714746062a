// Passkeys. A form marked data-passkey="create" or "get" asks the browser for one with the options of
// the page, and sends what it gives.
"use strict";

const refused = document.getElementById("refused");

// The sentence for the name of an error of the browser, from the page.
const sentences = { InvalidStateError: "known", SecurityError: "insecure" };

const refuse = (error) => {
  const item = document.createElement("li");
  item.textContent = refused.dataset[sentences[error] ?? "failed"];
  refused.replaceChildren(item);
  refused.hidden = false;
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) {
    // Without https there is none. Whoever signs in is asked for a code besides.
    if (form.dataset.passkey === "create") refuse("SecurityError");
    continue;
  }
  const ask = async () => {
    const options = JSON.parse(document.getElementById("passkey-options").textContent);
    try {
      const passkey = form.dataset.passkey === "create"
        ? await webauthnJSON.create(options.creation_options)
        : await webauthnJSON.get(options.request_options);
      form.elements.credential.value = JSON.stringify(passkey);
      form.submit();
    } catch (error) {
      refuse(error.name);
    }
  };
  form.hidden = false;
  form.querySelector("button[type=button]").addEventListener("click", ask);
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
}
