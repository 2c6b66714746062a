/* What the workbench does with a script; without one every page works all the same. */
"use strict";

/* Where the place of the form is that was sent last. */
const SENT = "sent draft";

/* A form of a draft keeps what is typed in this browser until it is saved, warns before it is left,
   and is sent once. */
function keepDraft(form) {
  const place = "draft " + location.pathname + location.search;
  let changed = false;
  let sending = false;

  function entries() {
    return [...new FormData(form)].filter(([name, value]) =>
      typeof value === "string" && !["csrfmiddlewaretoken", "request_key", "expected_revision"].includes(name));
  }
  function keep() {
    try { localStorage.setItem(place, JSON.stringify({ at: Date.now(), entries: entries() })); } catch { /* not allowed, or no room */ }
  }
  function kept() {
    try { return JSON.parse(localStorage.getItem(place)); } catch { return null; }
  }
  function fillIn(saved) {
    const values = new Map();
    for (const [name, value] of saved) values.set(name, [...(values.get(name) || []), value]);
    for (const input of form.elements) {
      if (!input.name || input.type === "file" || input.type === "hidden" || input.type === "submit") continue;
      const given = values.get(input.name) || [];
      if (input.type === "checkbox" || input.type === "radio") input.checked = given.includes(input.value);
      else input.value = given.length ? given.shift() : "";
    }
  }

  let timer;
  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 500);
  });
  form.addEventListener("submit", (event) => {
    if (sending) event.preventDefault();
    sending = true;
    keep();
    try { sessionStorage.setItem(SENT, place); } catch { /* not allowed */ }
  });
  addEventListener("pageshow", () => { sending = false; });
  addEventListener("beforeunload", (event) => { if (changed && !sending) event.preventDefault(); });

  const saved = kept();
  const offer = document.getElementById("kept-copy");
  if (form.dataset.draft === "unsaved") changed = true;
  else if (saved && JSON.stringify(saved.entries) !== JSON.stringify(entries())) {
    offer.hidden = false;
    offer.querySelector("time").textContent = new Date(saved.at).toLocaleString(document.documentElement.lang);
    offer.querySelector("[data-restore]").addEventListener("click", () => { fillIn(saved.entries); changed = true; offer.hidden = true; });
    offer.querySelector("[data-forget]").addEventListener("click", () => { localStorage.removeItem(place); offer.hidden = true; });
  }
}

/* Once the server says that a form was saved, the copy of it is not needed. */
function forgetSaved() {
  if (!document.querySelector(".messages .saved")) return;
  try {
    localStorage.removeItem(sessionStorage.getItem(SENT));
    sessionStorage.removeItem(SENT);
  } catch { /* not allowed */ }
}

/* Rows of evidence are added without loading the page. */
function addRows(form) {
  form.addEventListener("click", async (event) => {
    const button = event.target.closest("button[name=add], button[name=cite]");
    if (!button) return;
    event.preventDefault();
    button.disabled = true;
    try {
      const data = new FormData(form);
      data.set(button.name, button.value);
      const answer = await fetch(location.href, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const rows = page.getElementById("evidence");
      if (!answer.ok || !rows) throw new Error("no rows");
      document.getElementById("evidence").replaceWith(rows);
      form.dispatchEvent(new Event("input"));
      const added = rows.querySelectorAll("fieldset.source");
      const last = added[added.length - 1];
      if (last) last.querySelector("input:not([type=hidden]), textarea, select").focus();
    } catch {
      button.disabled = false;
      form.noValidate = true;
      form.requestSubmit(button);
    }
  });
}

/* A list of boxes that is long gets a search. */
function searchBoxes(details) {
  const boxes = [...details.querySelectorAll("label")];
  if (boxes.length < 12) return;
  const search = document.createElement("input");
  search.type = "search";
  search.setAttribute("aria-label", details.querySelector("summary").textContent);
  search.addEventListener("input", (event) => {
    event.stopPropagation();
    for (const box of boxes) box.hidden = !box.textContent.toLowerCase().includes(search.value.toLowerCase());
  });
  details.querySelector("summary").after(search);
}

forgetSaved();
for (const form of document.querySelectorAll("form[data-draft]")) {
  keepDraft(form);
  addRows(form);
}
for (const details of document.querySelectorAll(".boxes details")) searchBoxes(details);
