// The words of the page in the reader's language, and the reader's own way to write numbers and dates.
import {EN} from "./words_en.js";
import {ES} from "./words_es.js";

const WORDS = {en: EN, es: ES};
const KEPT = "despliegue-language";
let language = first();

export const LANGUAGES = Object.keys(WORDS);

export function currentLanguage() {
  return language;
}

export function setLanguage(chosen) {
  language = chosen;
  try { localStorage.setItem(KEPT, chosen); } catch { /* a browser that keeps nothing asks again */ }
}

// The reader's own locale for the language of the page (es-MX, en-GB); that of the browser for readers of another one.
export function locale() {
  const own = navigator.languages.find((one) => base(one) === language);
  return own ?? (base(navigator.language) in WORDS ? language : navigator.language);
}

// The words of `key`; {name} in them becomes values.name, and values.count chooses between `one` and `other`.
export function t(key, values = {}) {
  const entry = WORDS[language][key] ?? EN[key] ?? key;
  const words = typeof entry === "string" ? entry : entry[new Intl.PluralRules(language).select(values.count)] ?? entry.other;
  return words.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" && name !== "version" ? values[name].toLocaleString(locale()) : String(values[name])));
}

export function isKnown(key) {
  return key in EN;
}

function first() {
  let kept = null;
  try { kept = localStorage.getItem(KEPT); } catch { /* as above */ }
  return kept in WORDS ? kept : navigator.languages.map(base).find((one) => one in WORDS) ?? "en";
}

function base(tag) {
  return tag.toLowerCase().split("-")[0];
}
