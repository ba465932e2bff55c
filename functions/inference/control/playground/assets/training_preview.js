// What a file holds before it trains a version: its rows, and its columns as the model reads them.
import {matchedByServer} from "./columns.js";
import {data, el} from "./elements.js";
import {grid} from "./grid.js";
import {t} from "./language.js";
import {shownNumber} from "./numbers.js";
import {unreadNote} from "./unread_note.js";

const ROWS = 10;
const NAMES = 30;

// `table` is null for a file that was not read here. The server reads it all the same, and decides.
export function trainingPreview(model, file, table) {
  const title = el("h3", {}, data(file.name));
  if (!table) return el("div", {class: "stack-tight"}, title, el("p", {class: "muted"}, t("preview.not_read")));
  const targets = model.details.targets.map((name) => ({name, isRequired: true}));
  const fields = [...model.fields, ...targets];
  const match = matchedByServer(table.header, fields, model.details.files);
  const labels = targets.filter((target) => match.places.has(target)).map((target) => match.places.get(target));
  const unlabelled = table.rows.filter((row) => labels.some((at) => (row[at] ?? "").trim() === "")).length;
  const renamed = [...match.places].filter(([field, at]) => table.header[at] !== field.name).map(([field, at]) => `${table.header[at]} → ${field.name}`);
  const joined = [...match.joined].map(([field, places]) => `${places.map((at) => table.header[at]).join(" + ")} → ${field.name}`);
  const readAs = [...renamed, ...joined];
  const first = table.rows.slice(0, ROWS).map((cells, at) => ({cells, number: table.lines[at]}));
  return el(
    "div", {class: "stack"},
    title,
    el(
      "dl", {class: "facts"},
      el("dt", {}, t("table.rows")), el("dd", {}, shownNumber(table.rows.length)),
      table.separator === null ? null : [el("dt", {}, t("table.separator")), el("dd", {}, t(`separator.${table.separator}`))],
      el("dt", {}, t("preview.learned")), el("dd", {}, names(targets.map((one) => one.name))),
      el("dt", {}, t("preview.columns")), el("dd", {}, t("preview.found", {found: match.places.size + match.joined.size, count: fields.length})),
      readAs.length ? [el("dt", {}, t("preview.read_as")), el("dd", {}, names(readAs))] : null,
      match.left.length ? [el("dt", {}, t("table.left")), el("dd", {}, names(match.left))] : null,
    ),
    match.lacking.length ? el("div", {class: "note note-warn note-large", role: "status"}, el("p", {}, t("preview.lacking"), " ", names(match.lacking.map((one) => one.name))), el("p", {class: "small"}, t("preview.lacking_help"))) : null,
    unreadNote(model, table.header, fields, t("preview.unread")),
    unlabelled ? el("p", {class: "note note-warn note-large"}, t("preview.unlabelled", {count: unlabelled})) : null,
    first.length ? el("section", {class: "stack-tight"}, el("h3", {}, t("table.first_rows")), grid(table.header, first, [], null)) : null,
  );
}

function names(all) {
  const more = all.length - NAMES;
  return [all.slice(0, NAMES).map((one, at) => [at ? ", " : "", data(one)]), more > 0 ? ` ${t("retrain.more_faults", {count: more})}` : null];
}
