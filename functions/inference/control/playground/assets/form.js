// The form of a model: a field for each feature, which reads and shows values, warnings and faults.
import {data, el, newId, replace} from "./elements.js";
import {faultText, shownEnd} from "./faults.js";
import {t} from "./language.js";
import {readNumber, typed} from "./numbers.js";
import {isNumeric} from "./schema.js";

const MOST_BUTTONS = 3;
const MOST_BUTTON_CHARACTERS = 18;
const MOST_IN_SELECT = 400;
const SLIDER_STEPS = 200;
const OTHER = "other";
const ABSENT = Symbol("absent");

// A form over `fields`; `changed` is called after every change of a value.
export function makeForm(fields, changed) {
  const rows = new Map(fields.map((field) => [field.name, makeRow(field, changed)]));
  return {
    element: el("div", {class: "fields"}, [...rows.values()].map((row) => row.element)),

    // The instance as it is filled in, and the faults that the form finds itself.
    read() {
      const instance = Object.create(null);
      const faults = [];
      for (const [name, row] of rows) {
        const found = row.read();
        if (found instanceof Unreadable) faults.push({loc: [name], msg: t(found.key), type: found.key});
        else if (found !== ABSENT) instance[name] = found;
      }
      return {instance, faults};
    },

    write(instance) {
      for (const [name, row] of rows) row.write(Object.hasOwn(instance, name) ? instance[name] : null);
    },

    // Show what was found about each field; the first faulty one gets the focus.
    show(faults, warnings) {
      for (const [name, row] of rows) row.show(faults.get(name) ?? [], warnings.get(name) ?? []);
      const first = [...rows.values()].find((row) => row.isFaulty());
      first?.focus();
    },
  };
}

class Unreadable {
  constructor(key) { this.key = key; }
}

function makeRow(field, changed) {
  const id = newId("field");
  const notes = el("div", {class: "stack-tight", id: `${id}-notes`});
  const help = helpOf(field);
  const described = [help ? `${id}-help` : null, `${id}-notes`].filter(Boolean).join(" ");
  const control = controlOf(field, {id, described, changed: () => { clear(); changed(); }});
  const name = control.isGroup ? el("span", {class: "field-name", id: `${id}-name`}, nameOf(field)) : el("label", {class: "field-name", for: id}, nameOf(field));
  const isWide = field.kind === "text";
  const element = el(
    "div",
    {class: `field${isWide ? " field-wide" : ""}`, ...(control.isGroup ? {role: "group", "aria-labelledby": `${id}-name`, "aria-describedby": described} : {})},
    name, control.element, help ? el("p", {class: "field-help", id: `${id}-help`}, data(help)) : null, notes,
  );
  let isFaulty = false;

  function clear() {
    if (isFaulty || notes.childElementCount) show([], []);
  }

  function show(faults, warnings) {
    isFaulty = faults.length > 0;
    element.classList.toggle("field-faulty", isFaulty);
    control.mark(isFaulty);
    replace(notes, faults.map((one) => note("bad", one, field)), warnings.map((one) => note("warn", one, field)));
  }

  return {element, read: control.read, write: control.write, show, isFaulty: () => isFaulty, focus: control.focus};
}

function note(kind, fault, field) {
  return el("p", {class: `note note-${kind}`}, data(faultText(fault, field)));
}

function nameOf(field) {
  const optional = field.kind === "id" || field.isNullable || !field.isRequired;
  return [data(field.name), optional ? el("span", {class: "optional"}, t("form.optional")) : null];
}

function helpOf(field) {
  if (field.kind === "id") return t("form.id");
  // the browser's own field for a time needs no word on how to write one
  return isTime(field) ? field.description.replace(/ ?\(?ISO 8601.*$/s, "") : field.description;
}

function isTime(field) {
  return field.kind === "day" || field.kind.startsWith("moment");
}

function controlOf(field, context) {
  if (field.kind === "boolean") return buttons(field, [true, false], context);
  if (field.kind === "choice") {
    const length = field.options.join("").length;
    const isShort = field.options.length <= MOST_BUTTONS && length <= MOST_BUTTON_CHARACTERS;
    if (field.isClosed && isShort) return buttons(field, field.options, context);
    return field.options.length > MOST_IN_SELECT ? listed(field, context) : select(field, context);
  }
  if (isNumeric(field)) return number(field, context);
  if (isTime(field)) return datetime(field, context);
  return text(field, context);
}

function inputAttributes({id, described, changed}) {
  return {id, "aria-describedby": described, autocomplete: "off", spellcheck: "false", on: {input: changed}};
}

function single(element, input, read, write) {
  const mark = (isFaulty) => input.setAttribute("aria-invalid", String(isFaulty));
  return {element, read, write, mark, focus: () => input.focus()};
}

// A few values side by side; for a nullable feature, its absence is one of them.
function buttons(field, values, {id, changed}) {
  const offered = field.isNullable ? [...values, null] : values;
  const inputs = offered.map((value, place) => el("input", {type: "radio", name: id, id: `${id}-${place}`, value: String(place), on: {change: changed}}));
  const element = el("div", {class: "choices"}, offered.map((value, place) => el("label", {class: "choice"}, inputs[place], el("span", {}, shownChoice(value)))));
  const read = () => {
    const place = inputs.findIndex((one) => one.checked);
    return place < 0 ? ABSENT : offered[place];
  };
  const write = (value) => inputs.forEach((one, place) => { one.checked = offered[place] === value; });
  if (field.initial !== undefined) write(field.initial);
  return {element, read, write, isGroup: true, mark: () => {}, focus: () => inputs[0].focus()};
}

function shownChoice(value) {
  if (value === null) return t("form.missing");
  return typeof value === "boolean" ? t(value ? "form.true" : "form.false") : data(value);
}

// A list of values; where a model takes others too, they are typed.
function select(field, context) {
  const choices = el(
    "select", {...inputAttributes(context), on: {}},
    field.isNullable || !field.isRequired ? el("option", {value: ""}, t("form.missing")) : null,
    field.options.map((value, place) => el("option", {value: String(place)}, String(value))),
    field.isClosed ? null : el("option", {value: OTHER}, t("form.other")),
  );
  const other = el("input", {class: "input", type: "text", "aria-label": `${field.name}: ${t("form.other")}`, hidden: true, autocomplete: "off", on: {input: context.changed}});
  choices.addEventListener("change", () => {
    other.hidden = choices.value !== OTHER;
    if (!other.hidden) other.focus();
    context.changed();
  });
  const read = () => {
    if (choices.value === "") return null;
    if (choices.value === OTHER) return other.value === "" ? ABSENT : other.value;
    return field.options[Number(choices.value)];
  };
  const write = (value) => {
    const place = field.options.indexOf(value);
    const absent = value === null || value === undefined;
    choices.value = place >= 0 ? String(place) : absent || field.isClosed ? "" : OTHER;
    other.value = place >= 0 || absent ? "" : String(value);
    other.hidden = choices.value !== OTHER;
  };
  write(field.initial === undefined ? field.options[0] : field.initial);
  return single(el("div", {class: "stack-tight"}, choices, other), choices, read, write);
}

// Very many values are offered while one is typed.
function listed(field, context) {
  const list = newId("levels");
  const control = text(field, context, {list});
  control.element.append(el("datalist", {id: list}, field.options.map((one) => el("option", {value: String(one)}))));
  return control;
}

function number(field, context) {
  const changed = () => { follow(); context.changed(); };
  const input = el("input", {...inputAttributes({...context, changed}), class: "input", type: "text", inputmode: field.kind === "integer" ? "numeric" : "decimal", placeholder: field.isNullable ? t("form.missing") : ""});
  const slider = sliderOf(field, input, context);
  function follow() {
    const value = readNumber(input.value);
    if (slider && value !== null) slider.value = value;
  }
  const read = () => {
    if (input.value.trim() === "") return field.isNullable ? null : ABSENT;
    return readNumber(input.value) ?? new Unreadable("form.not_a_number");
  };
  const write = (value) => {
    input.value = value === null || value === undefined ? "" : typed(value);
    follow();
  };
  write(field.initial);
  return single(el("div", {class: "stack-tight"}, input, slider ? ranged(field, slider) : null), input, read, write);
}

function sliderOf(field, input, {changed}) {
  const [low, high] = field.range ?? [];
  if (!(low < high)) return null;
  const step = field.kind === "integer" ? Math.max(1, Math.round((high - low) / SLIDER_STEPS)) : (high - low) / SLIDER_STEPS;
  return el("input", {
    type: "range", min: low, max: high, step, "aria-label": t("form.slider", {name: field.name}),
    on: {input: (event) => { input.value = typed(Number(Number(event.target.value).toPrecision(6))); changed(); }},
  });
}

function ranged(field, slider) {
  const [low, high] = field.range;
  // the ends are of the rows that trained the model, so a value outside is answered with a warning
  return el("div", {class: "range", title: t("form.range")}, el("span", {}, endOf(field, low)), slider, el("span", {}, endOf(field, high)));
}

function endOf(field, end) {
  return field.kind === "integer" && Math.abs(end) < 10000 ? String(end) : shownEnd(end);
}

function datetime(field, context) {
  const isDay = field.kind === "day";
  const isUtc = field.kind === "moment-utc";
  const isShowable = field.initial === undefined || field.initial === null || inputTime(field, field.initial) !== null;
  if (!isShowable) return text(field, context);
  const input = el("input", {...inputAttributes(context), class: "input", type: isDay ? "date" : "datetime-local", step: isDay ? null : 1});
  const read = () => {
    if (input.value === "") return field.isNullable ? null : ABSENT;
    return isUtc ? `${input.value}Z` : input.value;
  };
  const write = (value) => { input.value = value === null || value === undefined ? "" : inputTime(field, value) ?? ""; };
  write(field.initial);
  return single(el("div", {class: "stack-tight"}, input), input, read, write);
}

// The value of a browser's own field for a time; null for a text that such a field would change.
function inputTime(field, value) {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?(Z)?$/.exec(value);
  if (!found || Boolean(found[3]) !== (field.kind === "moment-utc")) return null;
  return field.kind === "day" ? (found[2] ? null : found[1]) : `${found[1]}T${found[2] ?? "00:00"}`;
}

function text(field, context, {list = null} = {}) {
  const isLong = field.kind === "text";
  const length = String(field.initial ?? "").length;
  const size = field.name === "question" ? "short" : length > 400 || field.name === "context" ? "long" : "";
  const input = isLong
    ? el("textarea", {...inputAttributes(context), class: size, dir: "auto"})
    : el("input", {...inputAttributes(context), class: "input", type: "text", dir: "auto", list, placeholder: field.isNullable ? t("form.missing") : ""});
  const read = () => (input.value === "" ? (field.isNullable && field.kind !== "id" ? null : ABSENT) : input.value);
  const write = (value) => { input.value = value === null || value === undefined ? "" : String(value); };
  write(field.initial);
  return single(el("div", {class: "stack-tight"}, input), input, read, write);
}
