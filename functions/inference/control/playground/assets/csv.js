// Tables as text: with any of the usual separators in, with the same one out.
const SEPARATORS = [",", ";", "\t", "|"];

// The rows of a text that have any value, below the one with the names of the columns. `lines` are their lines as a
// spreadsheet counts, with those that are empty; `separator` is the one that was found.
export function readCsv(text) {
  const bare = text.replace(/^\ufeff/, "");
  const separator = separatorOf(bare.replace(/^[\r\n]+/, ""));
  const all = split(bare, separator);
  const [first, ...others] = [...all.keys()].filter((at) => all[at].some((cell) => cell !== ""));
  return {header: all[first] ?? [], rows: others.map((at) => all[at]), lines: others.map((at) => at + 1), separator};
}

export function writeCsv(rows, separator) {
  return rows.map((row) => row.map((cell) => quoted(cell, separator)).join(separator)).join("\r\n") + "\r\n";
}

// The text of a file: UTF-8, or the encoding of Windows where it is not, as programs for spreadsheets still write it.
export function decoded(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", {fatal: true}).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

// The separator that the header has most of, outside quotes.
function separatorOf(text) {
  const counts = new Map(SEPARATORS.map((one) => [one, 0]));
  let isQuoted = false;
  for (const sign of text) {
    if (sign === '"') isQuoted = !isQuoted;
    else if (!isQuoted && (sign === "\n" || sign === "\r")) break;
    else if (!isQuoted && counts.has(sign)) counts.set(sign, counts.get(sign) + 1);
  }
  const [best, count] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one));
  return count ? best : ",";
}

function split(text, separator) {
  const rows = [];
  let row = [];
  let cell = "";
  let isQuoted = false;
  const endCell = () => { row.push(cell); cell = ""; };
  const endRow = () => { endCell(); rows.push(row); row = []; };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') { cell += '"'; at += 1; }
      else isQuoted = false;
    } else if (sign === '"' && cell === "") isQuoted = true;
    else if (sign === separator) endCell();
    else if (sign === "\n") endRow();
    else if (sign === "\r") { if (text[at + 1] !== "\n") endRow(); }
    else cell += sign;
  }
  if (cell !== "" || row.length) endRow();
  return rows;
}

function quoted(cell, separator) {
  const text = String(cell ?? "");
  return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
