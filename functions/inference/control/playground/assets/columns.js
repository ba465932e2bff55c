// The columns of a table as the fields of a model: which is which, and how their cells are read.
import {isNumeric} from "./schema.js";

const MISSING = new Set(["", "na", "n/a", "nan", "null", "none"]);
const TRUE = new Set(["true", "yes", "sí", "si", "1", "verdadero"]);
const FALSE = new Set(["false", "no", "0", "falso"]);
const POINT = /^-?\d+\.\d+$/;
const COMMA = /^-?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+$/;

// The place of each field's column; `lacking` are the required fields without one, `left` the columns of no field.
export function matched(header, fields) {
  const places = new Map();
  for (const spelled of [(name) => name.normalize("NFC"), bare]) {
    for (const field of fields) {
      if (places.has(field)) continue;
      const place = header.findIndex((name, at) => spelled(name) === spelled(field.name) && ![...places.values()].includes(at));
      if (place >= 0) places.set(field, place);
    }
  }
  const used = new Set(places.values());
  return {
    places,
    lacking: fields.filter((field) => field.isRequired && !places.has(field)),
    left: header.filter((_, at) => !used.has(at)),
  };
}

// The sign before the decimals: a comma only where some number needs it and none has a point.
export function decimalSign(rows, places) {
  let points = 0;
  let commas = 0;
  for (const [field, place] of places) {
    if (!isNumeric(field)) continue;
    for (const row of rows) {
      const cell = (row[place] ?? "").trim();
      if (POINT.test(cell)) points += 1;
      else if (COMMA.test(cell)) commas += 1;
    }
  }
  return commas > 0 && (points === 0 || commas > points) ? "," : ".";
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

function number(text, decimal) {
  const plain = decimal === "," ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", "");
  const compact = plain.replace(/[\s\u00a0\u202f]/g, "");
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(compact) ? Number(compact) : null;
}

// A known value that differs in case, spaces or signs alone is written as the model knows it.
function choice(text, field, decimal) {
  if (field.options.includes(text)) return text;
  if (field.options.some((one) => typeof one === "number")) return number(text, decimal) ?? text;
  const near = field.options.filter((one) => bare(String(one)) === bare(text));
  return near.length === 1 ? near[0] : text;
}

function bare(name) {
  return name.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");
}
