/* What the workbench does with a script; without one every page works all the same. */
"use strict";

/* Milliseconds after which an answer no longer comes, so that a form may be sent again. */
const LOST_AFTER = 10000;
/* Milliseconds without typing after which the server is asked what is missing. */
const CHECK_AFTER = 1500;
/* Where the place of the form is that was sent last. */
const SENT = "sent draft";

/* The parameter of the address that names the form of a new draft by its key. */
const FORM = "form";

/* What belongs to the page as it was opened, not to what somebody typed. */
const OF_PAGE = ["csrfmiddlewaretoken", "request_key", "expected_revision"];

/* A form of a draft keeps what is typed in this browser until it is saved, warns before it is left,
   and is sent once. What is kept of a new draft has the key of its form, which makes one draft
   however often it is sent; two forms that are open at once keep two copies. */
function keepDraft(form) {
  const address = new URL(location);
  address.searchParams.delete(FORM);
  const ofPage = ["draft", document.body.dataset.user, address.pathname + address.search].join(" ");
  let changed = false;
  let sending = false;
  let sent = false;

  function entries() {
    return [...new FormData(form)].filter(([name, value]) =>
      typeof value === "string" && !OF_PAGE.includes(name));
  }
  function place() {
    const key = form.elements.request_key?.value;
    return key ? `${ofPage} ${key}` : ofPage;
  }
  function keep() {
    try { localStorage.setItem(place(), JSON.stringify({ at: Date.now(), revision: form.elements.expected_revision?.value, entries: entries() })); } catch { /* not allowed, or no room */ }
  }
  function places() {
    return Object.keys(localStorage).filter((name) => name === ofPage || name.startsWith(`${ofPage} `));
  }
  /* The latest copy that a form of this page has kept. */
  function kept() {
    try {
      const copies = places().map((name) => ({ ...JSON.parse(localStorage.getItem(name)), place: name }));
      const [latest] = copies.sort((one, other) => other.at - one.at);
      return latest && { ...latest, key: latest.place.slice(ofPage.length + 1) };
    } catch { return null; }
  }
  /* The server shows what was kept, rows of evidence included, and says if the draft has changed
     since; if it cannot, its page says so and has what was kept. Return whether it is shown here. */
  async function fillIn({ revision, key, entries: saved }) {
    const data = new FormData();
    for (const [name, value] of saved) data.append(name, value);
    for (const name of OF_PAGE) {
      if (form.elements[name]) data.set(name, form.elements[name].value);
    }
    if (key) data.set("request_key", key);
    data.set("restore", "1");
    if (revision) data.set("kept_revision", revision);
    try {
      const answer = await fetch(form.action, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const filled = page.querySelector("form[data-draft]");
      if (!answer.ok || !filled) throw new Error("no form");
      showMessages(page);
      form.replaceChildren(...filled.childNodes);
      showMissing(page.getElementById("missing"));
      for (const details of form.querySelectorAll(".boxes details")) searchBoxes(details);
      return true;
    } catch {
      sending = true;
      send(form.action, data);
      return false;
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
    sending = sent = true;
    setTimeout(() => { sending = false; }, LOST_AFTER);
    keep();
    try { sessionStorage.setItem(SENT, place()); } catch { /* not allowed */ }
  });
  addEventListener("pageshow", (event) => {
    sending = false;
    /* The page as it was left comes back, though it was saved: its copy is forgotten then. */
    try {
      if (event.persisted && sent && !localStorage.getItem(place())) location.reload();
    } catch { /* not allowed */ }
  });
  addEventListener("beforeunload", (event) => {
    const mayLeave = "left" in document.body.dataset;
    if (changed && !sending && !mayLeave) event.preventDefault();
  });

  /* The way back after saving leads to the address of this form, and so to what it made; without its
     key that would be a new form, into which the browser fills the same words. */
  function nameForm() {
    const key = form.elements.request_key?.value;
    if (!key || form.dataset.draft === "unsaved") return;
    const named = new URL(location);
    named.searchParams.set(FORM, key);
    history.replaceState(history.state, "", named);
  }
  nameForm();

  const saved = kept();
  const offer = document.getElementById("kept-copy");
  function hasAll() { return JSON.stringify(saved.entries) === JSON.stringify(entries()); }
  if (form.dataset.draft === "unsaved") changed = true;
  else if (saved && !hasAll()) {
    offer.hidden = false;
    offer.querySelector("time").textContent = new Date(saved.at).toLocaleString(document.documentElement.lang);
    offer.querySelector("[data-restore]").addEventListener("click", async () => {
      if (!await fillIn(saved)) return;
      /* What is restored is kept as that of this form from now on. */
      localStorage.removeItem(saved.place);
      keep();
      nameForm();
      changed = true;
      offer.hidden = true;
    });
    offer.querySelector("[data-forget]").addEventListener("click", () => {
      for (const name of places()) localStorage.removeItem(name);
      offer.hidden = true;
    });
    /* On the way back the browser fills in by itself, after scripts have run. */
    addEventListener("pageshow", () => { if (hasAll()) { changed = true; offer.hidden = true; } });
  }
}

/* Open the page that answers a form with these entries. */
function send(address, data) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  for (const [name, value] of data) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
  }
  document.body.append(form);
  form.submit();
}

/* Once the server says that a form was saved, the copy of it is not needed. */
function forgetSaved() {
  if (!document.querySelector(".messages .saved")) return;
  try {
    localStorage.removeItem(sessionStorage.getItem(SENT));
    sessionStorage.removeItem(SENT);
  } catch { /* not allowed */ }
}

/* The messages of a page that was read in the background take the place of those shown. */
function showMessages(page) {
  for (const shown of document.querySelectorAll(".messages")) shown.remove();
  const messages = page.querySelector(".messages");
  const form = document.querySelector("form[data-draft]");
  if (messages) (form.closest(".with-rail") ?? form).before(messages);
}

function showMissing(said) {
  document.getElementById("missing").replaceWith(said);
  const count = document.querySelector(".missing-count span");
  count.textContent = count.dataset.colon + said.dataset.count;
}

/* What is still missing is said of the draft as it is typed; the server says it, and saves nothing. */
function tellMissing(form) {
  let timer, latest = 0;
  let asking = new AbortController();
  async function ask() {
    asking = new AbortController();
    const data = new FormData(form);
    for (const [name, value] of [...data]) {
      if (typeof value === "string") continue;
      data.delete(name);
      if (value.size) data.append("chosen", name);
    }
    data.delete("links");
    data.set("check", "1");
    const mine = ++latest;
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, signal: asking.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const said = page.getElementById("missing");
      if (!answer.ok || !said || mine !== latest) return;
      showMissing(said);
    } catch { /* It is said again once the form is saved. */ }
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, CHECK_AFTER);
  });
  /* What is sent for good is not to wait for this. */
  function stop() { clearTimeout(timer); asking.abort(); }
  form.addEventListener("submit", stop);
  form.addEventListener("click", (event) => { if (event.target.closest("button[name=add], button[name=cite]")) stop(); });
}

/* Rows of evidence are added without loading the page. */
function addRows(form) {
  form.addEventListener("click", async (event) => {
    const button = event.target.closest("button[name=add], button[name=cite]");
    if (!button) return;
    event.preventDefault();
    button.setAttribute("aria-busy", "true");
    try {
      const data = new FormData(form);
      data.set(button.name, button.value);
      const answer = await fetch(form.action, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const rows = page.getElementById("evidence");
      if (!answer.ok || !rows) throw new Error("no rows");
      showMessages(page);
      const here = document.getElementById("evidence");
      const present = here.querySelectorAll("fieldset.source").length;
      const added = [...rows.querySelectorAll("fieldset.source")].slice(present);
      here.querySelector(".add-sources").before(...added);
      const total = "input[name$=TOTAL_FORMS]";
      here.querySelector(total).value = rows.querySelector(total).value;
      if (added.length) here.querySelector(".add-sources").open = Boolean(rows.querySelector("#links").value);
      here.querySelector("#files").value = "";
      /* Lines that are no address are said, and stay. */
      here.querySelector("#links").value = rows.querySelector("#links").value;
      form.dispatchEvent(new Event("input"));
      if (added.length && here.contains(document.activeElement)) {
        added[0].querySelector("input:not([type=hidden]), textarea, select").focus();
      }
    } catch {
      form.requestSubmit(button);
    }
    button.removeAttribute("aria-busy");
  });
}

/* Files that are dropped where sources are added are added. */
function dropFiles(form) {
  function on(name, act) {
    form.addEventListener(name, (event) => {
      const place = form.querySelector(".add-sources");
      if (place?.contains(event.target)) act(place, event);
    });
  }
  for (const name of ["dragover", "dragenter"]) {
    on(name, (place, event) => { event.preventDefault(); place.classList.add("dropping"); });
  }
  on("dragleave", (place) => place.classList.remove("dropping"));
  on("drop", (place, event) => {
    place.classList.remove("dropping");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    place.querySelector("#files").files = event.dataTransfer.files;
    place.querySelector("button[name=add]").click();
  });
}

/* Rows that were copied from a spreadsheet fill the cells from the one into which they are pasted. */
function pasteRows(form) {
  form.addEventListener("paste", (event) => {
    const rows = event.clipboardData.getData("text").replace(/\r?\n$/, "").split(/\r?\n/).map((row) => row.split("\t"));
    const here = event.target.closest("td");
    if (!here || (rows.length === 1 && rows[0].length === 1)) return;
    event.preventDefault();
    const table = here.closest("tbody").rows;
    const [top, left] = [here.parentElement.sectionRowIndex, here.cellIndex];
    let without = 0;
    rows.forEach((cells, down) => cells.forEach((words, across) => {
      const input = table[top + down]?.cells[left + across]?.querySelector("input:not([type=hidden])");
      if (input) input.value = words.trim();
      else if (words.trim()) without += 1;
    }));
    const said = document.getElementById("pasted-nowhere");
    said.hidden = !without;
    said.querySelector("span").textContent = without;
    form.dispatchEvent(new Event("input"));
  });
}

/* Other forms warn before they are left with something typed. */
function warnBeforeLeaving(form) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

/* What was wrong is where the focus begins: in the field, of a source as a whole in its first one. */
function focusMistake() {
  const input = ":is(input, select, textarea):not([type=hidden])";
  (document.querySelector(`.field.wrong ${input}`) ?? document.querySelector(`.wrong ${input}`))?.focus();
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
  tellMissing(form);
  dropFiles(form);
}
for (const details of document.querySelectorAll(".boxes details")) searchBoxes(details);
for (const form of document.querySelectorAll("form.planning")) pasteRows(form);
for (const form of document.querySelectorAll("form[data-warn]")) warnBeforeLeaving(form);
focusMistake();
