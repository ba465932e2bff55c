// The view of one model: what it is, and a tab for each thing to do with it.
import {currentToken, get, pathOf, Refused} from "./api.js";
import {data, el, replace} from "./elements.js";
import {measuredOn} from "./home.js";
import {t} from "./language.js";
import {mainMetric, metricName, metricValue} from "./measures.js";
import {button, chip, refusalNote, waiting} from "./parts.js";
import {fieldsOf} from "./schema.js";
import {tableView} from "./table.js";
import {askForToken} from "./token_form.js";
import {tryView} from "./try_one.js";
import {versionsView} from "./versions.js";
import {whatIfView} from "./what_if.js";

const TABS = {try: tryView, table: tableView, "what-if": whatIfView, versions: versionsView};
const known = new Map();

// Forget what was read about the models, because production or the token has changed.
export function forgetModels() {
  known.clear();
}

export function modelView(name, tab, reload) {
  const place = el("div", {}, waiting());
  show(place, name, tab, reload);
  return place;
}

async function show(place, name, tab, reload) {
  try {
    const model = known.get(name) ?? await read(name);
    known.set(name, model);
    Object.assign(model, {reload, forget: forgetModels});
    const tabs = tabsOf(model);
    const chosen = tabs.includes(tab) ? tab : tabs[0];
    replace(place, head(model), tokenNote(model, reload), tabList(model, tabs, chosen), body(model, chosen));
  } catch (error) {
    replace(place, el("div", {class: "stack"}, el("h1", {tabindex: "-1"}, data(name)), refusalNote(error), el("p", {}, el("a", {href: "#/"}, t("model.back")))));
  }
}

async function read(name) {
  const details = await get(pathOf(name), {quiet: true});
  // levels and ranges are learned from rows, so they are only for those who may predict; the form works without them
  const learned = await get(pathOf(name, "schema"), {quiet: true}).catch((error) => {
    if (error instanceof Refused && error.needsToken) return null;
    throw error;
  });
  const fields = fieldsOf(learned?.schema ?? details.schema, learned?.example ?? null);
  return {
    name, details, fields,
    names: new Set(fields.map((field) => field.name)),
    needsToken: learned === null,
    example: learned?.example ?? null,
    predictionSchema: learned?.prediction_schema ?? details.prediction_schema,
    instance: null,
  };
}

function tabsOf(model) {
  const isTable = model.details.task.startsWith("tabular-");
  return Object.keys(TABS).filter((tab) => tab !== "what-if" || isTable);
}

function head({name, details}) {
  const metric = mainMetric(details.metrics);
  return el(
    "div", {class: "head"},
    el("p", {class: "small"}, el("a", {href: "#/"}, t("model.back"))),
    el("h1", {tabindex: "-1"}, data(name)),
    el("p", {class: "lead"}, data(details.description)),
    el(
      "div", {class: "row"},
      chip(t(`task.${details.task}`)),
      details.version === null ? chip(t("home.not_ready"), "warn") : chip(t("version", {version: details.version}), "accent"),
      metric ? chip(`${metricName(metric)} ${metricValue(metric, details.metrics[metric])}`) : null,
      measuredOn(details),
    ),
  );
}

function tokenNote(model, reload) {
  if (!model.needsToken) return null;
  const words = currentToken() ? t("token.refused") : t("token.needed");
  const enter = async () => { if (await askForToken()) { forgetModels(); reload(); } };
  return el("div", {class: "note note-plain note-large row-apart token-note"}, el("p", {}, words), button(t("token.enter"), enter, {small: true}));
}

function tabList(model, tabs, chosen) {
  return el("nav", {class: "tabs", "aria-label": t("model.tabs")}, tabs.map((tab) => el(
    "a", {class: "tab", href: `#/${encodeURIComponent(model.name)}/${tab}`, "aria-current": tab === chosen ? "page" : null}, t(`tab.${tab}`),
  )));
}

function body(model, tab) {
  if (model.details.version === null && tab !== "versions") {
    return el("div", {class: "panel empty"}, el("h2", {}, t("home.not_ready")), el("p", {}, t("model.train_first")), el("a", {class: "button", href: `#/${encodeURIComponent(model.name)}/versions`}, t("tab.versions")));
  }
  return TABS[tab](model);
}
