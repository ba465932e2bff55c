// Columns that the page finds by their letters and the server, which reads the file itself, does not.
import {unread} from "./columns.js";
import {data, el} from "./elements.js";

// `words` say what becomes of them; null where the server finds them all.
export function unreadNote(model, header, fields, words) {
  const found = unread(header, fields, model.details.files);
  if (!found.length) return null;
  return el("p", {class: "note note-warn note-large", role: "status"}, words, " ", found.map(([name, own], at) => [at ? ", " : "", data(`${name} → ${own}`)]));
}
