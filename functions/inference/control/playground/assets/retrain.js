// Training by a file: the upload, the progress of its job, and the verdict.
import {ask, get, pathOf, Refused, sendForm} from "./api.js";
import {data, el, replace} from "./elements.js";
import {isKnown, t} from "./language.js";
import {compared, metricName, metricValue, namesOf} from "./measures.js";
import {percent, shownNumber} from "./numbers.js";
import {button, chip, choiceOf, dropPlace, progressBar, reasonText, refusalNote, waiting} from "./parts.js";
import {tableOfFile} from "./row_file.js";
import {trainingPreview} from "./training_preview.js";

const ENDING = /\.(csv|json|jsonl)(\.gz)?$/i;
const FINISHED = new Set(["succeeded", "refused", "superseded", "failed"]);
const LOOK_MILLISECONDS = 700;
const SLOW_LOOK_MILLISECONDS = 3000;
const MOST_FAULTS = 50;
const TROUBLES = 5;

// Jobs that have just ended, by model: the view is made again after each, because it may have changed production.
const ended = new Map();

export function retrainPart(model, finished) {
  const place = el("div", {class: "stack", tabindex: "-1"});
  let mode = "replace";
  const force = el("input", {type: "checkbox"});
  const verdict = ended.get(model.name);
  ended.delete(model.name);
  if (verdict) showVerdict(verdict);
  else showStart();
  return el("section", {class: "panel stack"}, el("h2", {}, t("retrain.title")), el("p", {class: "muted"}, t("retrain.lead")), place);

  function showStart(problem = null) {
    replace(place, problem, dropPlace(t("retrain.drop"), t("retrain.drop_help"), ".csv,.json,.jsonl,.gz", take));
  }

  function showVerdict(job) {
    replace(place, jobResult(job, {isWhole: true}), el("div", {class: "row"}, button(t("retrain.another"), () => showStart())));
    requestAnimationFrame(() => {
      place.focus({preventScroll: true});
      place.parentElement.scrollIntoView({block: "nearest"});
    });
  }

  // The file as it is, and what to do with it: nothing is sent before that.
  async function take(file) {
    if (!ENDING.test(file.name)) {
      showStart(el("p", {class: "note note-bad note-large", role: "alert"}, t("retrain.ending")));
      return;
    }
    replace(place, waiting());
    const table = await tableOfFile(file);
    const words = table?.rows.length ? t("retrain.train", {count: table.rows.length}) : t("retrain.train_file");
    replace(
      place,
      trainingPreview(model, file, table),
      el("div", {class: "row"}, el("span", {class: "small muted"}, t("retrain.mode")), choiceOf(t("retrain.mode"), [["replace", t("retrain.replace")], ["extend", t("retrain.extend")]], mode, (one) => { mode = one; })),
      el("label", {class: "toggle"}, force, el("span", {}, t("retrain.force"), el("span", {class: "small muted"}, " ", t("retrain.force_help")))),
      el("div", {class: "row"}, button(words, () => send(file), {kind: "primary"}), button(t("retrain.another"), () => showStart())),
    );
  }

  async function send(file) {
    const progress = progressBar(t("retrain.sending"));
    replace(place, el("p", {}, data(file.name)), progress.element);
    try {
      const query = `?mode=${mode}&force=${force.checked}`;
      const form = await ask("POST", `${pathOf(model.name, "uploads")}${query}`, {body: {file_name: plainName(file.name)}});
      await sendForm(form, file, (share) => progress.show(share * 0.2, t("retrain.sending")));
      const job = await finishedJob(model, form.job, (found) => progress.show(0.2 + 0.8 * found.progress, stageWords(found)));
      model.forget();
      if (!place.isConnected) return;
      ended.set(model.name, job);
      finished();
    } catch (error) {
      showStart(refusalNote(error));
    }
  }
}

// The outcome of a job; `isWhole` also shows its metrics and what was wrong with the rows.
export function jobResult(job, {isWhole = false} = {}) {
  const kind = outcomeOf(job);
  return el(
    "div", {class: "stack-tight"},
    el("div", {class: "row"}, chip(t(`jobs.${kind}`), {promoted: "good", kept: "warn", refused: "bad", failed: "bad"}[kind] ?? ""), job.version === null ? null : el("span", {class: "small muted"}, t("version", {version: job.version}))),
    job.reason ? el("p", {}, reasonText(job.reason)) : FINISHED.has(job.state) ? null : el("p", {class: "small muted"}, stageWords(job)),
    isWhole && job.rows ? el("p", {class: "small muted"}, t("retrain.rows", {training: shownNumber(job.rows.training), evaluation: shownNumber(job.rows.evaluation)})) : null,
    isWhole && job.metrics && job.production_metrics ? comparison(job.metrics, job.production_metrics, [t("retrain.new"), t("retrain.production")]) : null,
    isWhole && job.metrics && !job.production_metrics ? comparison(job.metrics, {}, [t("retrain.new"), t("retrain.production")]) : null,
    isWhole && job.errors.length ? faultList(job) : null,
    isWhole && job.notes.length ? el("ul", {class: "stack-tight small muted"}, job.notes.map((note) => el("li", {}, data(note)))) : null,
  );
}

// Metrics next to each other, the better ones marked by a word as well as by colour.
export function comparison(metrics, others, [own, other]) {
  const names = namesOf(metrics);
  return el(
    "table", {class: "comparison"},
    el("thead", {}, el("tr", {}, el("th", {scope: "col"}, t("versions.metric")), el("th", {scope: "col"}, own), el("th", {scope: "col"}, other))),
    el("tbody", {}, names.map((name) => {
      const order = compared(name, metrics[name], others[name]);
      return el("tr", {}, el("th", {scope: "row"}, metricName(name)), el("td", {class: order > 0 ? "better" : order < 0 ? "worse" : null}, metricValue(name, metrics[name]), order === 0 ? null : ` (${t(order > 0 ? "better" : "worse")})`), el("td", {}, metricValue(name, others[name])));
    })),
  );
}

// A name that the API takes: letters, digits, points and hyphens, and the ending that says what the file is.
export function plainName(name) {
  const ending = ENDING.exec(name)?.[0] ?? "";
  const stem = name.slice(0, name.length - ending.length).normalize("NFKD").replace(/[^A-Za-z0-9._-]+/g, "-");
  return `${stem.replace(/^[^A-Za-z0-9]+/, "").slice(0, 80) || "rows"}${ending}`;
}

function outcomeOf(job) {
  if (job.state === "succeeded") return job.promoted ? "promoted" : "kept";
  return job.state;
}

function stageWords(job) {
  const key = `stage.${job.stage}`;
  return `${isKnown(key) ? t(key) : job.stage} · ${percent(job.progress)}`;
}

async function finishedJob(model, id, onProgress) {
  const started = Date.now();
  for (let troubles = 0; ;) {
    try {
      const job = await get(pathOf(model.name, "jobs", id));
      if (FINISHED.has(job.state)) return job;
      onProgress(job);
      troubles = 0;
    } catch (error) {
      // a network that fails for a moment stops no training
      troubles += 1;
      if (!(error instanceof Refused) || (error.status !== 0 && error.status < 500 && error.status !== 429) || troubles > TROUBLES) throw error;
    }
    await new Promise((done) => setTimeout(done, Date.now() - started > 30000 ? SLOW_LOOK_MILLISECONDS : LOOK_MILLISECONDS));
  }
}

function faultList(job) {
  const shown = job.errors.slice(0, MOST_FAULTS);
  return el(
    "div", {class: "scroll", tabindex: "0", role: "region", "aria-label": t("retrain.faults")},
    el("table", {}, el("thead", {}, el("tr", {}, [t("retrain.place"), t("retrain.fault")].map((words) => el("th", {scope: "col"}, words)))), el("tbody", {}, shown.map((fault) => el("tr", {}, el("td", {}, el("span", {class: "cut"}, data(fault.loc.join(" · ")))), el("td", {}, data(fault.msg)))))),
    job.error_count > shown.length ? el("p", {class: "small muted"}, t("retrain.more_faults", {count: job.error_count - shown.length})) : null,
  );
}
