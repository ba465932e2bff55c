// Batches: a file of any size predicted on the server, followed until it has ended, with links to its results.
import {ask, get, pathOf, Refused, sendForm} from "./api.js";
import {data, el, replace} from "./elements.js";
import {faultText} from "./faults.js";
import {t} from "./language.js";
import {moment, shownNumber} from "./numbers.js";
import {button, chip, download, progressBar, refusalNote} from "./parts.js";
import {plainName} from "./retrain.js";

const LISTED = 10;
const LOOK_MILLISECONDS = 1000;
const SLOW_LOOK_MILLISECONDS = 5000;
const SLOW_AFTER_MILLISECONDS = 60000;
const TROUBLES = 5;
const MOST_FAULTS = 20;
const MOST_LINKS = 50;
const ENDED = new Set(["succeeded", "partial", "failed", "cancelled"]);
// A batch of Parquet is one file.
const ORDERS = {csv: "batches.join", jsonl: "batches.order"};
const KINDS = {succeeded: "good", partial: "warn", failed: "bad"};

// Send a file as a batch, and show in `place` what becomes of it.
export async function sendBatch(model, place, file, another) {
  const progress = progressBar(t("batches.sending"));
  replace(place, el("div", {class: "panel stack"}, el("h2", {}, data(file.name)), progress.element));
  try {
    const body = {file_name: sentName(file.name), output: "csv", keep_columns: true};
    const form = await ask("POST", pathOf(model.name, "batches"), {body});
    await sendForm(form, file, (share) => progress.show(share, t("batches.sending")));
    await follow(model, place, form.batch, another);
  } catch (error) {
    replace(place, refusalNote(error), el("div", {class: "row"}, button(t("table.another"), another)));
  }
}

// A name that the API takes. It knows a table with any separator by .csv alone.
export function sentName(name) {
  return plainName(name.replace(/\.(?:tsv|txt)(?=(?:\.gz)?$)/i, ".csv"));
}

// The batches of a model, newest first; nothing where there are none, or where nobody may see them.
export function batchesPart(model, place, another) {
  const part = el("div", {});
  get(`${pathOf(model.name, "batches")}?page_size=${LISTED}`, {quiet: true}).then(({batches}) => {
    if (!batches.length) return;
    const show = (batch) => follow(model, place, batch.batch, another).catch((error) => replace(place, refusalNote(error)));
    replace(part, el("section", {class: "panel stack"}, el("h2", {}, t("batches.title")), el("ul", {class: "stack"}, batches.map((batch) => el(
      "li", {class: "row-apart"},
      el("div", {class: "stack-tight"}, el("div", {class: "row"}, stateChip(batch), data(batch.file_name)), el("span", {class: "small muted"}, `${moment(batch.created)} · `, data(batch.actor), ` · ${rowWords(batch)}`)),
      button(t("batches.show"), () => show(batch), {small: true}),
    )))));
  }).catch((error) => { if (!(error instanceof Refused)) throw error; });
  return part;
}

async function follow(model, place, id, another) {
  const path = pathOf(model.name, "batches", id);
  const progress = progressBar(t("batches.state.waiting"));
  const part = el("div", {class: "stack"});
  const change = async (method, to) => {
    try {
      await ask(method, to);
      await follow(model, place, id, another);
    } catch (error) {
      replace(problem, refusalNote(error));
    }
  };
  const problem = el("div", {});
  replace(place, el("div", {class: "panel stack"}, part, problem));
  const started = Date.now();
  for (let troubles = 0; part.isConnected;) {
    try {
      const batch = await get(`${path}?page_size=${MOST_LINKS}`);
      const isEnded = ENDED.has(batch.state);
      progress.show(batch.rows.total ? Math.min(1, (batch.rows.done + batch.rows.refused) / batch.rows.total) : 0, `${rowWords(batch)}${leftWords(batch)}`);
      replace(part, head(batch), isEnded ? outcome(batch) : progress.element, el(
        "div", {class: "row"},
        isEnded ? null : button(t("batches.cancel"), () => change("DELETE", path)),
        ["partial", "failed", "cancelled"].includes(batch.state) ? button(t("batches.retry"), () => change("POST", `${path}/retry`)) : null,
        button(t("table.another"), another),
      ));
      if (isEnded) return;
      troubles = 0;
    } catch (error) {
      troubles += 1;
      if (!(error instanceof Refused) || (error.status !== 0 && error.status < 500 && error.status !== 429) || troubles > TROUBLES) throw error;
    }
    await new Promise((done) => setTimeout(done, Date.now() - started > SLOW_AFTER_MILLISECONDS ? SLOW_LOOK_MILLISECONDS : LOOK_MILLISECONDS));
  }
}

function head(batch) {
  return el(
    "div", {class: "stack-tight"},
    el("h2", {}, data(batch.file_name)),
    el("div", {class: "row", role: "status"}, stateChip(batch), batch.version === null ? null : chip(t("version", {version: batch.version}), "accent")),
    batch.cost ? el("p", {class: "small muted"}, t("batches.cost", {usd: shownNumber(batch.cost.so_far)})) : null,
  );
}

function outcome(batch) {
  const isPacked = batch.output !== "parquet";
  return el(
    "div", {class: "stack"},
    el("p", {}, rowWords(batch)),
    batch.reason ? el("p", {}, data(batch.reason)) : null,
    batch.faults.slice(0, MOST_FAULTS).map((fault) => el("p", {class: "note note-bad"}, data(fault.loc.join(" · ")), " ", data(faultText(fault)))),
    links(t(isPacked ? "batches.results" : "batches.results_parquet"), batch.results, ORDERS[batch.output] ? t(ORDERS[batch.output]) : null),
    isPacked ? joining(batch) : null,
    links(t("batches.errors"), batch.errors),
  );
}

// All results as one file, where the page has the links to all of them.
function joining(batch) {
  const {links: found, total} = batch.results;
  if (!found.length || found.length < total) return null;
  const problem = el("div", {});
  const save = button(t("batches.as_one"), async () => {
    save.disabled = true;
    try {
      download(`${batch.file_name.replace(/\.\w+(\.gz)?$/, "")}-predictions.${batch.output}`, await joined(found), "text/csv");
      replace(problem);
    } catch (error) {
      replace(problem, refusalNote(error));
    }
    save.disabled = false;
  }, {kind: "primary"});
  return el("div", {class: "row"}, save, problem);
}

async function joined(found) {
  const parts = [];
  for (const {url} of found) {
    const answer = await fetch(url);
    if (!answer.ok) throw new Refused(answer.status, [], answer.statusText);
    parts.push(await new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))).blob());
  }
  return new Blob(parts);
}

// Links that need no token: the browser saves what is behind them.
function links(title, files, help = null) {
  if (!files.links.length) return null;
  const more = files.total - files.links.length;
  return el(
    "div", {class: "stack-tight"}, el("h3", {}, title), help ? el("p", {class: "small muted"}, help) : null,
    el("ul", {class: "row"}, files.links.map((one) => el("li", {}, el("a", {class: "button button-small", href: one.url, download: one.file}, data(one.file))))),
    more > 0 ? el("p", {class: "small muted"}, t("retrain.more_faults", {count: more})) : null,
  );
}

function stateChip(batch) {
  return chip(t(`batches.state.${batch.state}`), KINDS[batch.state] ?? "");
}

function rowWords({rows}) {
  const done = t("table.progress", {done: rows.done, count: rows.total === null ? "…" : rows.total});
  return rows.refused ? `${done}, ${t("batches.refused", {count: rows.refused})}` : done;
}

function leftWords(batch) {
  return batch.seconds_left === null ? "" : ` · ${t("batches.left", {seconds: Math.ceil(batch.seconds_left)})}`;
}
