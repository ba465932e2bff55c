// Parts that several views show: waiting, refusals, chips, code to copy, dialogs.
import {Refused} from "./api.js";
import {data, el, newId, replace} from "./elements.js";
import {isKnown, t} from "./language.js";

export function waiting(words = t("waiting")) {
  return el("p", {class: "waiting", role: "status"}, words);
}

// Why something was refused, in the reader's language where it is of a known kind.
export function refusalNote(error) {
  if (error instanceof Refused) {
    const key = `refused.${error.status}`;
    const general = isKnown(key) ? t(key) : t("refused.other", {status: error.status});
    const detail = error.status === 0 ? "" : error.message;
    return el("div", {class: "note note-bad note-large", role: "alert"}, el("p", {}, general), detail ? el("p", {class: "small"}, data(detail)) : null);
  }
  console.error(error);
  return el("div", {class: "note note-bad note-large", role: "alert"}, t("refused.page"), " ", data(error.message));
}

const latest = new WeakMap();

// Run `work` and show what it returns in `place`: waiting before, the refusal if there is one. Of several works for a
// place the one that began last is shown, whichever ends last.
export async function shownIn(place, work, words) {
  const own = {};
  latest.set(place, own);
  replace(place, waiting(words));
  const shown = await work().catch(refusalNote);
  if (latest.get(place) === own) replace(place, shown);
}

// Why something happened, as the server wrote it; the reasons of every day are known in both languages.
export function reasonText(reason) {
  const key = `reason.${reason}`;
  return isKnown(key) ? t(key) : data(reason);
}

export function chip(text, kind = "") {
  return el("span", {class: `chip${kind ? ` chip-${kind}` : ""}`}, text);
}

export function button(words, act, {kind = "", small = false, disabled = false} = {}) {
  return el("button", {type: "button", class: `button${kind ? ` button-${kind}` : ""}${small ? " button-small" : ""}`, disabled, on: {click: act}}, words);
}

// One of several named choices, as radio buttons.
export function choiceOf(label, options, chosen, choose) {
  const name = newId("choice");
  return el("div", {class: "choices", role: "radiogroup", "aria-label": label}, options.map(([value, words]) => el(
    "label", {class: "choice choice-small"},
    el("input", {type: "radio", name, value, checked: value === chosen, on: {change: () => choose(value)}}),
    el("span", {}, words),
  )));
}

let lastProgram = "";

// Programs by name. The one that was chosen last is shown first: the form writes them again at each change.
export function codeToCopy(programs) {
  const names = Object.keys(programs);
  const code = el("pre", {tabindex: "0", role: "region", "aria-label": t("snippets.code")});
  let chosen = names.includes(lastProgram) ? lastProgram : names[0];
  const show = (name) => { chosen = name; code.textContent = programs[name]; };
  const choose = (name) => { lastProgram = name; show(name); };
  show(chosen);
  const copy = button(t("snippets.copy"), async () => {
    copy.textContent = await copied(programs[chosen]) ? t("snippets.copied") : t("snippets.not_copied");
    setTimeout(() => { copy.textContent = t("snippets.copy"); }, 2000);
  }, {small: true});
  copy.setAttribute("aria-live", "polite");
  return el(
    "div", {class: "stack-tight"},
    el("div", {class: "row-apart"}, choiceOf(t("snippets.language"), names.map((name) => [name, name]), chosen, choose), copy),
    el("div", {class: "code"}, code),
  );
}

export function disclosure(words, ...children) {
  return el("details", {class: "disclosure"}, el("summary", {}, words), children);
}

// A dialog that resolves with what `closes` is called with, and with null where it is left.
export function dialog(title, build) {
  return new Promise((done) => {
    const id = newId("dialog");
    const element = el("dialog", {"aria-labelledby": id});
    const closes = (value) => { done(value); element.close(); };
    element.append(el("div", {class: "stack"}, el("h2", {id}, title), build(closes)));
    element.addEventListener("close", () => { done(null); element.remove(); });
    document.body.append(element);
    element.showModal();
  });
}

export function progressBar(words) {
  const fill = el("div", {class: "progress-fill"});
  const track = el("div", {class: "progress-track", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100", "aria-label": words});
  track.append(fill);
  const note = el("p", {class: "small muted", role: "status"}, words);
  return {
    element: el("div", {class: "stack-tight"}, track, note),
    show(share, text) {
      fill.style.width = `${share * 100}%`;
      track.setAttribute("aria-valuenow", String(Math.round(share * 100)));
      note.textContent = text;
    },
  };
}

// A place to drop a file on, or to choose one.
export function dropPlace(title, help, accept, take) {
  const input = el("input", {type: "file", class: "hidden-visually", accept, tabindex: "-1", "aria-hidden": "true", on: {change: () => input.files[0] && take(input.files[0])}});
  const place = el("div", {class: "drop"}, el("strong", {}, title), el("p", {class: "small muted"}, help), button(t("file.choose"), () => { input.value = ""; input.click(); }), input);
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("over"); });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  return place;
}

export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], {type}));
  el("a", {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;  // not permitted, or a page without https
  }
}
