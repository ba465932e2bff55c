// A file of rows as a table to look at: CSV with any of the usual separators, JSON or JSON Lines, also packed.
import {decoded, readCsv} from "./csv.js";

const MOST_BYTES = 50_000_000;
const MOST_PACKED_BYTES = 5_000_000;
const PACKED = /\.gz$/i;

// The header and rows, with the places of the rows in the file; `separator` is null for JSON. Null for a file that is
// too large or that cannot be read here.
export async function tableOfFile(file) {
  const isPacked = PACKED.test(file.name);
  if (file.size > (isPacked ? MOST_PACKED_BYTES : MOST_BYTES)) return null;
  try {
    const stream = isPacked ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
    return tableOfText(decoded(new Uint8Array(await new Response(stream).arrayBuffer())), file.name.replace(PACKED, ""));
  } catch {
    return null;  // the server says what is wrong with it
  }
}

export function tableOfText(text, name) {
  if (/\.csv$/i.test(name)) return readCsv(text);
  const {instances, lines} = /\.jsonl$/i.test(name) ? instancesByLine(text) : instancesOf(JSON.parse(text));
  const header = [...new Set(instances.flatMap((one) => Object.keys(one)))];
  return {header, rows: instances.map((one) => header.map((name) => written(Object.hasOwn(one, name) ? one[name] : null))), lines, separator: null};
}

function instancesByLine(text) {
  const found = text.split(/\r\n?|\n/).map((line, at) => ({line, number: at + 1})).filter(({line}) => line.trim());
  return {instances: found.map(({line}) => JSON.parse(line)), lines: found.map(({number}) => number)};
}

// An array has no lines to speak of: its instances count from 1.
function instancesOf(found) {
  const instances = Array.isArray(found) ? found : found.instances;
  return {instances, lines: instances.map((_, at) => at + 1)};
}

function written(value) {
  return value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);
}
