// Numbers and dates as the reader writes them.
import {locale} from "./language.js";

const SPACES = /[\s\u00a0\u202f]/g;

// The number in a text of this locale, null if there is none. A point or comma that cannot part groups is the decimal one.
export function readNumber(text, of = locale()) {
  const {group, decimal} = signs(of);
  let bare = text.trim().replace(SPACES, "").replace("−", "-");
  const grouped = new RegExp(`^[+-]?[1-9]\\d{0,2}(?:\\${group}\\d{3})+(?:\\${decimal}\\d*)?$`);
  if (group.trim() && grouped.test(bare)) bare = bare.replaceAll(group, "");
  bare = bare.replace(",", ".");
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(bare) ? Number(bare) : null;
}

// A number for an input: every digit, no groups.
export function typed(value, of = locale()) {
  return String(value).replace(".", signs(of).decimal);
}

export function shownNumber(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e15)) {
    return value.toLocaleString(locale(), {notation: "scientific", maximumSignificantDigits: 4});
  }
  const digits = size >= 100 || Number.isInteger(value) ? {maximumFractionDigits: 2} : {maximumSignificantDigits: 4};
  return value.toLocaleString(locale(), digits);
}

// Numbers on an axis or in a title, short: 1.2 M.
export function briefNumber(value) {
  return Math.abs(value) >= 10000
    ? value.toLocaleString(locale(), {notation: "compact", maximumSignificantDigits: 4})
    : value.toLocaleString(locale(), {maximumSignificantDigits: 4, useGrouping: false});
}

export function percent(share) {
  const digits = share > 0.999 || (share > 0 && share < 0.01) ? 2 : 1;
  return share.toLocaleString(locale(), {style: "percent", maximumFractionDigits: digits});
}

export function day(time) {
  return new Date(time).toLocaleDateString(locale(), {dateStyle: "medium"});
}

export function moment(time) {
  return new Date(time).toLocaleString(locale(), {dateStyle: "medium", timeStyle: "short"});
}

// The signs beside the digits 0 to 9, which alone are read: locales with digits of their own have others beside those.
function signs(of) {
  const parts = new Intl.NumberFormat(of, {useGrouping: "always", numberingSystem: "latn"}).formatToParts(1234567.5);
  const find = (type, absent) => parts.find((part) => part.type === type)?.value ?? absent;
  return {group: find("group", ","), decimal: find("decimal", ".")};
}
