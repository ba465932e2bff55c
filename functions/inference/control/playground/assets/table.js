// A table of rows: read from a file or the clipboard, predicted in parts, shown beside the predictions, and downloaded.
import {batchesPart, sendBatch} from "./batches.js";
import {predictedRows} from "./chunks.js";
import {decimalSign, instanceOf, matched} from "./columns.js";
import {decoded, readCsv, writeCsv} from "./csv.js";
import {data, el, newId, replace} from "./elements.js";
import {grid} from "./grid.js";
import {t} from "./language.js";
import {shownNumber} from "./numbers.js";
import {button, choiceOf, disclosure, download, dropPlace, progressBar, refusalNote} from "./parts.js";
import {cellsOf} from "./result.js";
import {unreadNote} from "./unread_note.js";

const ROWS_IN_REQUEST = {"tabular-classification": 500, "tabular-regression": 500, "text-classification": 200, "question-answering": 2};
const ROWS_ON_PAGE = 50;
const PREVIEW_ROWS = 10;
const MOST_FILE_BYTES = 50_000_000;
// More rows are a batch by default: the browser would have to stay open, and the server predicts them in one go.
const MOST_ROWS_HERE = 5000;

export function tableView(model) {
  const place = el("div", {class: "stack-wide"});
  showStart(model, place);
  return place;
}

function showStart(model, place, problem = null) {
  const id = newId("paste");
  const pasted = el("textarea", {id, class: "mono", placeholder: model.fields.slice(0, 4).map((one) => one.name).join(";"), spellcheck: "false"});
  const take = (text, file) => showPreview(model, place, readCsv(text), file);
  replace(
    place,
    problem,
    dropPlace(t("table.drop"), t("table.drop_help"), ".csv,.tsv,.txt,text/csv", async (file) => {
      if (file.size > MOST_FILE_BYTES) offerBatch(model, place, file);
      else take(decoded(new Uint8Array(await file.arrayBuffer())), file);
    }),
    el(
      "div", {class: "panel stack"},
      el("div", {class: "field"}, el("label", {class: "field-name", for: id}, t("table.paste")), pasted),
      el(
        "div", {class: "row"},
        button(t("table.read"), () => pasted.value.trim() && take(pasted.value, new File([pasted.value], "table.csv")), {kind: "primary"}),
        model.example ? button(t("table.sample"), () => { pasted.value = sampleOf(model); }) : null,
      ),
    ),
    disclosure(t("table.columns_wanted"), el("ul", {class: "stack-tight small"}, model.fields.map((field) => el("li", {}, el("code", {}, data(field.name)), field.isRequired ? null : el("span", {class: "muted"}, ` ${t("form.optional")}`), field.description ? el("span", {class: "muted"}, " – ", data(field.description)) : null)))),
    batchesPart(model, place, () => showStart(model, place)),
  );
}

function offerBatch(model, place, file) {
  replace(place, el(
    "div", {class: "panel stack"}, el("h2", {}, data(file.name)), el("p", {}, t("batches.why")),
    el("div", {class: "row"}, batchButton(model, place, file, {kind: "primary"}), button(t("table.another"), () => showStart(model, place))),
  ));
}

function batchButton(model, place, file, options) {
  return button(t("batches.send"), () => sendBatch(model, place, file, () => showStart(model, place)), options);
}

function sampleOf(model) {
  const names = model.fields.map((field) => field.name);
  return writeCsv([names, names.map((name) => model.example[name] ?? "")], ";");
}

function showPreview(model, place, table, file) {
  const match = matched(table.header, model.fields, model.details.files);
  const problem = problemOf(table, match);
  if (problem) {
    showStart(model, place, problem);
    return;
  }
  let decimal = decimalSign(table.rows, match.places);
  const isLarge = table.rows.length > MOST_ROWS_HERE;
  const preview = table.rows.slice(0, PREVIEW_ROWS).map((cells, at) => ({cells, number: table.lines[at]}));
  replace(
    place,
    el(
      "div", {class: "panel stack"},
      el("h2", {}, t("table.understood")),
      el(
        "dl", {class: "facts"},
        el("dt", {}, t("table.rows")), el("dd", {}, shownNumber(table.rows.length)),
        el("dt", {}, t("table.separator")), el("dd", {}, t(`separator.${table.separator}`)),
        el("dt", {}, t("table.decimal")), el("dd", {}, choiceOf(t("table.decimal"), [[".", "1.5"], [",", "1,5"]], decimal, (one) => { decimal = one; })),
        match.left.length ? [el("dt", {}, t("table.left")), el("dd", {}, match.left.slice(0, 30).map((one, at) => [at ? ", " : "", data(one)]))] : null,
      ),
      isLarge ? el("p", {class: "note note-plain"}, t("batches.why")) : null,
      el("div", {class: "row"}, isLarge ? batchButton(model, place, file, {kind: "primary"}) : null, button(t("table.predict", {count: table.rows.length}), () => run(model, place, {table, match, file, decimal}), {kind: isLarge ? "" : "primary"}), isLarge ? null : batchButton(model, place, file), button(t("table.another"), () => showStart(model, place))),
      unreadNote(model, table.header, model.fields, t("batches.unread")),
    ),
    el("section", {class: "stack-tight"}, el("h2", {}, t("table.first_rows")), grid(table.header, preview, [], null)),
  );
}

function problemOf(table, match) {
  if (!table.rows.length) return noteBad(t("table.no_rows"));
  if (!match.lacking.length) return null;
  return el("div", {class: "note note-bad note-large", role: "alert"}, t("table.lacking"), " ", match.lacking.map((field, at) => [at ? ", " : "", data(field.name)]), el("p", {class: "small"}, t("table.found"), " ", table.header.slice(0, 40).map((one, at) => [at ? ", " : "", data(one)])));
}

function noteBad(words) {
  return el("p", {class: "note note-bad note-large", role: "alert"}, words);
}

async function run(model, place, job) {
  const {rows} = job.table;
  const stop = new AbortController();
  const progress = progressBar(t("table.progress", {done: 0, count: rows.length}));
  replace(place, el("div", {class: "panel stack"}, el("h2", {}, t("table.predicting")), progress.element, el("div", {class: "row"}, button(t("cancel"), () => stop.abort()))));
  try {
    const results = await predictedRows(model.name, rows.map((row) => instanceOf(row, job.match.places, job.decimal)), {
      size: Math.min(ROWS_IN_REQUEST[model.details.task] ?? 100, model.details.limits.max_instances),
      signal: stop.signal,
      onProgress: (done) => progress.show(done / rows.length, t("table.progress", {done: shownNumber(done), count: shownNumber(rows.length)})),
    });
    showResults(model, place, job, results);
  } catch (error) {
    if (error.name === "AbortError") showPreview(model, place, job.table, job.file);
    else showStart(model, place, refusalNote(error));
  }
}

function showResults(model, place, job, results) {
  const predicted = job.table.rows.map((cells, at) => ({cells, number: job.table.lines[at], ...results[at], predicted: results[at].faults ? [] : cellsOf(results[at].prediction, model.predictionSchema)}));
  const columns = (predicted.find((row) => row.predicted.length)?.predicted ?? []).map(({name, key}) => ({name, key}));
  const faulty = predicted.filter((row) => row.faults);
  const warned = predicted.filter((row) => row.warnings?.length);
  const state = {order: null, isDown: true, page: 0, shows: "all"};
  const shown = el("div", {class: "stack"});
  const show = () => replace(shown, page(job, model, {all: predicted, faulty, warned}[state.shows], columns, state, show));
  show();
  const shows = [["all", t("table.all", {count: shownNumber(predicted.length)})]];
  if (warned.length) shows.push(["warned", t("table.warned", {count: shownNumber(warned.length)})]);
  if (faulty.length) shows.push(["faulty", t("table.faulty", {count: shownNumber(faulty.length)})]);
  replace(
    place,
    el(
      "div", {class: "row-apart"},
      el("h2", {role: "status"}, t("table.done", {count: predicted.length - faulty.length})),
      el("div", {class: "row"}, button(t("table.download"), () => save(job, predicted, columns), {kind: "primary", small: true}), button(t("table.another"), () => showStart(model, place), {small: true})),
    ),
    shows.length > 1 ? choiceOf(t("table.show"), shows, "all", (one) => { Object.assign(state, {shows: one, page: 0}); show(); }) : null,
    shown,
  );
}

function page(job, model, rows, columns, state, show) {
  const ordered = state.order === null ? rows : sorted(rows, state);
  const pages = Math.max(1, Math.ceil(ordered.length / ROWS_ON_PAGE));
  const start = state.page * ROWS_ON_PAGE;
  const sort = (key) => {
    Object.assign(state, state.order === key ? {isDown: !state.isDown} : {order: key, isDown: true}, {page: 0});
    show();
  };
  const turn = (by) => { state.page += by; show(); };
  const fields = new Map([...job.match.places].map(([field, at]) => [field.name, {field, at}]));
  return [
    grid(job.table.header, ordered.slice(start, start + ROWS_ON_PAGE), columns, {sort, state, fields}),
    pages > 1 ? el("div", {class: "row"}, button(t("table.before"), () => turn(-1), {small: true, disabled: state.page === 0}), el("span", {class: "small muted"}, t("table.page", {page: state.page + 1, pages})), button(t("table.after"), () => turn(1), {small: true, disabled: state.page + 1 >= pages})) : null,
  ];
}

function sorted(rows, {order, isDown}) {
  const value = (row) => row.predicted.find((cell) => cell.key === order)?.value;
  const sign = isDown ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [left, right] = [value(one), value(other)];
    if (left === undefined || right === undefined) return (left === undefined) - (right === undefined);
    return sign * (typeof left === "number" ? left - right : String(left).localeCompare(String(right)));
  });
}

// The table as it came, with columns for the predictions, and for what is wrong with a row.
function save({table, file, decimal}, rows, columns) {
  const written = (value) => (typeof value === "number" && decimal === "," ? String(value).replace(".", ",") : value ?? "");
  const header = [...table.header, ...columns.map((one) => one.key), "warnings", "errors"];
  const said = (faults) => (faults ?? []).map((one) => `${one.loc.at(-1)}: ${one.msg}`).join("; ");
  const lines = rows.map((row) => [...table.header.map((_, at) => row.cells[at] ?? ""), ...columns.map((_, at) => written(row.predicted[at]?.value)), said(row.warnings), said(row.faults)]);
  download(`${file.name.replace(/\.\w+$/, "")}-predictions.csv`, `\ufeff${writeCsv([header, ...lines], table.separator)}`, "text/csv");
}
