/* Signing out deletes what this browser has kept of the forms of drafts, for the person who signs out
   only; a session that ends by itself deletes nothing, so that no text is lost. */
"use strict";

/* The names of the copies of this person's forms; those of drafts are made by workbench.js. */
function copiesOf(user) {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(`draft ${user} `));
  } catch { return []; /* not allowed */ }
}

/* Who has typed what is not saved is asked first. */
for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", (event) => {
    if (!copiesOf(form.dataset.signOut).length) return;
    if (confirm(form.dataset.warning)) document.body.dataset.left = "";
    else event.preventDefault();
  });
}

/* The server says who has signed out. */
const signedOut = document.querySelector("meta[name=signed-out]");
if (signedOut) {
  for (const name of copiesOf(signedOut.content)) localStorage.removeItem(name);
}
