// The first view: a card for each model.
import {get, pathOf} from "./api.js";
import {data, el, replace} from "./elements.js";
import {t} from "./language.js";
import {mainMetric, metricName, metricValue} from "./measures.js";
import {day} from "./numbers.js";
import {chip, refusalNote, waiting} from "./parts.js";

const AT_ONCE = 4;

export function homeView() {
  const place = el("div", {class: "cards"}, waiting());
  fill(place);
  return el(
    "div", {class: "stack-wide"},
    el("div", {class: "head"}, el("h1", {tabindex: "-1"}, t("home.title")), el("p", {class: "lead"}, t("home.lead"))),
    place,
  );
}

// What the metrics were measured on.
export function measuredOn(details) {
  if (details.metrics_in_sample) return chip(t("measured.in_sample"), "warn");
  const rows = details.measured_on?.rows;
  return rows ? el("p", {class: "small muted"}, t("measured.held_out", {count: rows})) : null;
}

async function fill(place) {
  try {
    const {models} = await get("/models");
    if (!models.length) {
      replace(place, el("div", {class: "panel empty"}, el("h2", {}, t("home.none")), el("p", {}, t("home.none_help"))));
      return;
    }
    const cards = models.map((model) => ({model, facts: el("div", {class: "stack-tight"}, model.version === null ? notReady() : waiting())}));
    replace(place, cards.map((one) => card(one.model, one.facts)));
    const waitingCards = cards.filter((one) => one.model.version !== null);
    const work = async () => { for (let next = waitingCards.shift(); next; next = waitingCards.shift()) await fillFacts(next); };
    await Promise.all(Array.from({length: AT_ONCE}, work));
  } catch (error) {
    replace(place, refusalNote(error));
  }
}

function card(model, facts) {
  const link = `#/${encodeURIComponent(model.name)}`;
  return el(
    "article", {class: "panel card"},
    el("div", {class: "stack-tight"}, el("h2", {}, el("a", {href: link}, data(model.name))), el("div", {class: "row"}, chip(t(`task.${model.task}`)), model.version === null ? null : chip(t("version", {version: model.version}), "accent"))),
    el("p", {class: "muted"}, data(model.description)),
    facts,
    el(
      "div", {class: "row actions"},
      el("a", {class: "button button-primary", href: link, "aria-label": t("home.try_model", {model: model.name})}, t("home.try")),
      el("a", {class: "button button-plain", href: `${link}/versions`, "aria-label": t("home.versions_of", {model: model.name})}, t("tab.versions")),
    ),
  );
}

function notReady() {
  return el("p", {class: "note note-warn"}, t("home.not_ready"));
}

async function fillFacts({model, facts}) {
  try {
    const details = await get(pathOf(model.name), {quiet: true});
    // when a version was made is only for those who may predict
    const production = await get(pathOf(model.name, "production"), {quiet: true}).catch(() => null);
    const name = mainMetric(details.metrics);
    replace(
      facts,
      name ? el("p", {class: "metric"}, el("strong", {}, metricValue(name, details.metrics[name])), el("span", {class: "muted"}, metricName(name))) : null,
      measuredOn(details),
      production ? el("p", {class: "small muted"}, t("home.trained", {day: day(production.created)})) : null,
    );
  } catch {
    replace(facts, el("p", {class: "small muted"}, t("home.no_facts")));
  }
}
