// The versions of a model: their metrics, which one is in production, training, and what happened so far.
import {ask, get, pathOf, Refused} from "./api.js";
import {lineChart} from "./charts.js";
import {data, el, replace} from "./elements.js";
import {t} from "./language.js";
import {compared, isSmallerBetter, mainMetric, metricName, metricValue, namesOf} from "./measures.js";
import {day, moment, shownNumber} from "./numbers.js";
import {button, chip, dialog, reasonText, refusalNote, shownIn} from "./parts.js";
import {comparison, jobResult, retrainPart} from "./retrain.js";

const VERSIONS = 100;
const ENTRIES = 20;

export function versionsView(model) {
  const place = el("div", {});
  shownIn(place, () => parts(model));
  return place;
}

async function parts(model) {
  const path = (...rest) => pathOf(model.name, ...rest);
  const [production, {versions, total}, {history}, {jobs}] = await Promise.all([
    get(path("production")).catch(unlessNotReady),
    get(`${path("versions")}?page_size=${VERSIONS}`),
    get(`${path("history")}?page_size=${ENTRIES}`),
    get(`${path("jobs")}?page_size=${ENTRIES}`),
  ]);
  const context = {model, versions, production};
  return el(
    "div", {class: "stack-wide"},
    productionPart(context),
    versions.length ? plotPart(context) : null,
    versions.length ? listPart(context, total) : null,
    model.details.retrainable ? retrainPart(model, model.reload) : el("p", {class: "note note-plain note-large"}, t("retrain.not_here")),
    el("div", {class: "split"}, historyPart(history), jobsPart(jobs)),
  );
}

// Nothing in production yet is no trouble here.
function unlessNotReady(error) {
  if (error instanceof Refused && error.status === 503 && error.faults.some((one) => one.type === "not_ready")) return null;
  throw error;
}

function productionPart({model, versions, production}) {
  if (!production) return el("div", {class: "panel empty"}, el("h2", {}, t("home.not_ready")), el("p", {}, t("versions.none")));
  const before = versions.find((one) => one.version === production.previous);
  const metric = mainMetric(production.metrics);
  return el(
    "section", {class: "panel stack"},
    el("div", {class: "row-apart"}, el("h2", {}, t("versions.in_production", {version: production.version})), production.pinned ? chip(t("versions.pinned"), "accent") : null),
    el("p", {class: "muted"}, t("versions.since", {time: moment(production.time)}), " ", data(production.actor), production.reason ? [" · ", reasonText(production.reason)] : null),
    metric ? el("p", {class: "metric"}, el("strong", {}, metricValue(metric, production.metrics[metric])), el("span", {class: "muted"}, metricName(metric))) : null,
    before ? el("div", {class: "row"}, button(t("versions.roll_back", {version: before.version}), () => promote({model, production, chosen: before}))) : null,
  );
}

function plotPart({versions, production}) {
  const names = [...new Set(versions.flatMap((one) => namesOf(one.metrics)))];
  if (!names.length) return null;
  const ordered = [...versions].reverse();
  const place = el("div", {});
  const show = (name) => {
    const shown = ordered.filter((one) => typeof one.metrics[name] === "number");
    const xs = shown.map((one) => one.version);
    replace(place, shown.length < 2
      ? el("p", {class: "muted"}, t("versions.one_point"))
      : lineChart({
        xs, lines: [{ys: shown.map((one) => one.metrics[name])}], shownX: (value) => t("version", {version: Math.round(value)}), places: [xs[0], xs.at(-1)],
        marks: shown.map((one) => ({x: one.version, y: one.metrics[name], isFull: one.version === production?.version, title: `${t("version", {version: one.version})}: ${metricValue(name, one.metrics[name])}`})),
        label: t("versions.plot_of", {metric: metricName(name)}),
      }));
    note.textContent = t(isSmallerBetter(name) ? "versions.smaller" : "versions.larger");
  };
  const note = el("p", {class: "small muted"});
  const picker = el("select", {class: "input", "aria-label": t("versions.metric"), on: {change: () => show(picker.value)}}, names.map((name) => el("option", {value: name}, metricName(name))));
  picker.value = mainMetric(ordered.at(-1).metrics) ?? names[0];
  show(picker.value);
  return el("section", {class: "panel stack"}, el("div", {class: "row-apart"}, el("h2", {}, t("versions.plot")), el("div", {class: "field"}, picker)), place, note);
}

function listPart({model, versions, production}, total) {
  const names = namesOf(versions[0].metrics).slice(0, 4);
  const line = (one) => {
    return el(
      "tr", {},
      el("td", {}, el("strong", {}, String(one.version)), one.in_production ? [" ", chip(t("versions.serving"), "good")] : null, one.metrics_in_sample ? [" ", chip(t("measured.in_sample"), "warn")] : null),
      el("td", {}, day(one.created)),
      el("td", {class: "numeric"}, one.data ? shownNumber(one.data.rows_training) : "–"),
      names.map((name) => el("td", {class: "numeric"}, metricValue(name, one.metrics[name]))),
      el("td", {}, one.reason ? el("span", {class: "small muted"}, reasonText(one.reason)) : null),
      el("td", {}, one.in_production ? null : button(t("versions.promote"), () => promote({model, production, chosen: one}), {small: true})),
    );
  };
  return el(
    "section", {class: "stack-tight"},
    el("h2", {}, t("versions.all", {count: total})),
    el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": t("versions.all", {count: total})}, el(
      "table", {},
      el("thead", {}, el("tr", {}, [t("versions.version"), t("versions.trained"), t("versions.rows")].map((words, at) => el("th", {scope: "col", class: at === 2 ? "numeric" : null}, words)), names.map((name) => el("th", {scope: "col", class: "numeric"}, metricName(name))), el("th", {scope: "col"}, t("versions.reason")), el("th", {scope: "col"}, el("span", {class: "hidden-visually"}, t("versions.actions"))))),
      el("tbody", {}, versions.map(line)),
    )),
  );
}

// Ask what shall change, and change it.
async function promote({model, production, chosen}) {
  const wanted = await dialog(t("versions.confirm", {version: chosen.version}), (closes) => {
    const pin = el("input", {type: "checkbox", checked: production?.pinned ?? false});
    const problem = el("div", {});
    const confirm = async () => {
      try {
        await ask("PUT", pathOf(model.name, "production"), {body: {version: chosen.version, pin: pin.checked}});
        closes(true);
      } catch (error) {
        replace(problem, refusalNote(error));
      }
    };
    return [
      el("p", {}, production ? t("versions.replaces", {version: chosen.version, other: production.version}) : t("versions.first", {version: chosen.version})),
      production ? comparison(chosen.metrics, production.metrics, [t("version", {version: chosen.version}), t("version", {version: production.version})]) : null,
      production && isWorse(chosen, production) ? el("p", {class: "note note-warn note-large"}, t("versions.worse")) : null,
      el("p", {class: "small muted"}, t("versions.not_same_rows")),
      el("label", {class: "toggle"}, pin, el("span", {}, t("versions.pin"), el("span", {class: "small muted"}, " ", t("versions.pin_help")))),
      problem,
      el("div", {class: "row"}, button(t("versions.confirm", {version: chosen.version}), confirm, {kind: "primary"}), button(t("cancel"), () => closes(null))),
    ];
  });
  if (wanted) {
    model.forget();
    model.reload();
    scrollTo(0, 0);
  }
}

function isWorse(chosen, production) {
  const metric = mainMetric(production.metrics);
  return compared(metric, chosen.metrics[metric], production.metrics[metric]) < 0;
}

function historyPart(history) {
  return el("section", {class: "panel stack"}, el("h2", {}, t("history.title")), history.length
    ? el("ol", {class: "timeline"}, history.map((entry) => el("li", {}, el("span", {}, entry.previous === null ? t("history.first", {version: entry.version}) : t("history.replaced", {version: entry.version, other: entry.previous}), entry.pinned ? [" ", chip(t("versions.pinned"))] : null), el("span", {class: "small muted"}, `${moment(entry.time)} · `, data(entry.actor), entry.reason ? [" · ", reasonText(entry.reason)] : null))))
    : el("p", {class: "muted"}, t("history.none")));
}

function jobsPart(jobs) {
  return el("section", {class: "panel stack"}, el("h2", {}, t("jobs.title")), jobs.length
    ? el("ul", {class: "stack"}, jobs.map((job) => el("li", {class: "stack-tight"}, jobResult(job), el("span", {class: "small muted"}, `${moment(job.created)} · `, data(job.actor)))))
    : el("p", {class: "muted"}, t("jobs.none")));
}
