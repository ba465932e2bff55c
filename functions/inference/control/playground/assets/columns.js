// The columns of a table as the fields of a model: which is which, and how their cells are read.
import {isNumeric} from "./schema.js";

const MISSING = new Set(["", "na", "n/a", "nan", "null", "none"]);
const TRUE = new Set(["true", "yes", "sí", "si", "1", "verdadero"]);
const FALSE = new Set(["false", "no", "0", "falso"]);
// The sign that parts thousands, by the sign before the decimals: before groups of three digits, or of two as in India.
const GROUPING = {
  ".": {sign: ",", groups: /^(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d*)?$/},
  ",": {sign: ".", groups: /^[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/},
};
const SPACED = /^[1-9]\d{0,2}([ \u00a0\u2009\u202f'\u2019])\d{3}(?:\1\d{3})*(?:[.,]\d+)?$/;
const SPACES = /[ \u00a0\u2009\u202f'\u2019]/g;

// The place of each field's column in a table that the page reads: by the server's spelling, or else by letters alone.
export function matched(header, fields, files) {
  const names = header.map((name) => columnName(name, files));
  return matchOf(header, fields, placed(names, fields, [composed, bare]));
}

// The same for a file that the server reads; `joined` are the places of the columns that it joins to a field.
export function matchedByServer(header, fields, files) {
  const names = header.map((name) => columnName(name, files));
  const places = placed(names, fields, [composed]);
  const parts = new Map(Object.entries(files.join));
  const forms = names.map(composed);
  const placesOf = (field) => (parts.get(field.name) ?? []).map((part) => forms.indexOf(composed(part))).filter((at) => at >= 0);
  const joined = new Map(fields.filter((field) => !places.has(field)).map((field) => [field, placesOf(field)]).filter(([, found]) => found.length));
  return matchOf(header, fields, places, joined);
}

// The columns that the page finds and the server does not, each with the name of its field.
export function unread(header, fields, files) {
  const byServer = matchedByServer(header, fields, files);
  const found = [...matched(header, fields, files).places];
  return found.filter(([field]) => !byServer.places.has(field) && !byServer.joined.has(field)).map(([field, at]) => [header[at], field.name]);
}

function placed(names, fields, spellings) {
  const places = new Map();
  for (const spelled of spellings) {
    const forms = names.map(spelled);
    for (const field of fields) {
      if (places.has(field)) continue;
      const form = spelled(field.name);
      const place = forms.findIndex((one, at) => one === form && ![...places.values()].includes(at));
      if (place >= 0) places.set(field, place);
    }
  }
  return places;
}

// `lacking` are the required fields without a column, `left` the columns of no field.
function matchOf(header, fields, places, joined = new Map()) {
  const used = new Set([...places.values(), ...joined.values()].flat());
  return {
    places,
    joined,
    lacking: fields.filter((field) => field.isRequired && !places.has(field) && !joined.has(field)),
    left: header.filter((_, at) => !used.has(at)),
  };
}

// As functions/core/spelling.py spells a column.
function columnName(name, files) {
  const spelled = files.snake_case_columns ? name.trim().toLowerCase().replaceAll(" ", "_") : name.trim();
  const renamed = Object.entries(files.rename).find(([one]) => composed(one) === composed(spelled));
  return renamed ? renamed[1] : spelled;
}

// The sign before the decimals: a comma only where more cells need it than need a point. One that may be read either
// way, such as 1.250, says nothing.
export function decimalSign(rows, places) {
  const votes = {".": 0, ",": 0};
  for (const [field, place] of places) {
    if (!isNumeric(field)) continue;
    for (const row of rows) {
      const cell = (row[place] ?? "").trim();
      if (!/[.,]/.test(cell)) continue;
      const signs = [".", ","].filter((sign) => number(cell, sign) !== null);
      if (signs.length === 1) votes[signs[0]] += 1;
    }
  }
  return votes[","] > votes["."] ? "," : ".";
}

// The instance of a row. What cannot be read is sent as it is, so that the server says what is wrong with it.
export function instanceOf(row, places, decimal) {
  const instance = Object.create(null);
  for (const [field, place] of places) {
    const value = valueOf(row[place] ?? "", field, decimal);
    if (value !== undefined) instance[field.name] = value;
  }
  return instance;
}

export function valueOf(cell, field, decimal) {
  const text = cell.trim();
  if (text === "" || (field.isNullable && !field.types.includes("string") && MISSING.has(text.toLowerCase()))) {
    return field.isNullable ? null : undefined;
  }
  if (field.kind === "boolean") return boolean(text);
  if (isNumeric(field)) return number(text, decimal) ?? text;
  if (field.kind === "choice") return choice(text, field, decimal);
  return field.kind === "text" ? cell : text;
}

function boolean(text) {
  const word = text.toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : text;
}

// Null where a sign that is not the decimal one does not part thousands: 0,5 is no 5.
function number(text, decimal) {
  const [, minus, digits] = /^([+-]?)(.*)$/s.exec(text);
  const {sign, groups} = GROUPING[decimal];
  const joined = groups.test(digits) ? digits.replaceAll(sign, "") : SPACED.test(digits) ? digits.replace(SPACES, "") : digits;
  const plain = joined.includes(sign) ? "" : joined.replace(decimal, ".");
  return /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain) ? Number(minus + plain) : null;
}

// A known value that differs in spelling alone is written as the model knows it.
function choice(text, field, decimal) {
  if (field.options.includes(text)) return text;
  if (field.options.some((one) => typeof one === "number")) return number(text, decimal) ?? text;
  const near = field.options.filter((one) => spelling(String(one)) === spelling(text));
  return near.length === 1 ? near[0] : text;
}

// Without case, spaces, underscores and hyphens between words, as `normal` of functions/core/near_names.py. All other
// signs count: A- is not A+, nor >50 the same as <=50.
function spelling(value) {
  const spaced = composed(value).toLowerCase().replaceAll("_", " ").trim();
  return spaced.replace(/(?<=[^\s\d-])(?:-+|\s+-+\s+)(?=[^\s\d-])/g, " ").replace(/\s+/g, "");
}

function composed(name) {
  return name.normalize("NFC");
}

function bare(name) {
  return composed(name).toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
