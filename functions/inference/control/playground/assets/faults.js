// Faults and warnings of the server in the reader's language, where their type says all that is needed.
import {isKnown, t} from "./language.js";
import {shownNumber} from "./numbers.js";

const QUOTED = /^'(?<value>[^']*)' differs from the known '(?<near>[^']*)'/;
const UNSEEN = /^'(?<value>.*)' was never seen in training(; did you mean '(?<near>[^']*)'\?)?$/s;
const MEANT = /; did you mean '(?<near>[^']*)'\?$/;

// The words for one fault. `field` is the one that it is about, null for another place.
export function faultText(fault, field = null) {
  const key = `fault.${fault.type}`;
  const values = valuesOf(fault, field);
  if (!isKnown(key) || !values) return fault.msg;
  const meant = fault.type === "unseen_level" && values.near ? ` ${t("fault.near_level", values)}` : "";
  return t(key, values) + meant;
}

// Faults by the name of their field, those of one instance in a body: the rest is under "".
export function faultsByField(faults, names) {
  const found = new Map();
  for (const fault of faults) {
    const name = fault.loc.findLast((part) => typeof part === "string" && names.has(part)) ?? "";
    found.set(name, [...(found.get(name) ?? []), fault]);
  }
  return found;
}

function valuesOf(fault, field) {
  switch (fault.type) {
    case "greater_than_equal": return field && limitOf(field.minimum);
    case "less_than_equal": return field && limitOf(field.maximum);
    case "out_of_range": return field?.range ? {low: shownEnd(field.range[0]), high: shownEnd(field.range[1])} : null;
    case "near_level": return fault.msg.match(QUOTED)?.groups ?? null;
    case "unseen_level": return fault.msg.match(UNSEEN)?.groups ?? null;
    case "enum": return fault.msg.match(MEANT)?.groups ?? (field ? {near: field.options.join(", ")} : null);
    default: return {};
  }
}

function limitOf(limit) {
  return limit === null ? null : {limit: shownEnd(limit)};
}

export function shownEnd(end) {
  return typeof end === "number" ? shownNumber(end) : String(end);
}
