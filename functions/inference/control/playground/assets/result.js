// Predictions as people read them: a number, a label with its probabilities, or an answer in its context.
import {data, el} from "./elements.js";
import {t} from "./language.js";
import {percent, shownNumber} from "./numbers.js";
import {targetsOf} from "./schema.js";

const MOST_BARS = 12;

// The prediction of one instance; of several targets one part for each.
export function resultView(prediction, schema) {
  const targets = targetsOf(schema);
  if (!targets) return one(prediction);
  return el("div", {class: "stack-wide"}, Object.entries(targets).map(([name, target]) => el(
    "section", {class: "stack-tight"},
    el("h3", {}, data(name)),
    target.description && target.type === "number" ? el("p", {class: "small muted"}, data(target.description)) : null,
    one(prediction[name]),
  )));
}

// What a table shows of a prediction: for each column its name, the value, and the number to sort by.
export function cellsOf(prediction, schema) {
  const targets = targetsOf(schema);
  if (!targets) return flat(prediction, "");
  return Object.keys(targets).flatMap((name) => flat(prediction[name], `${name}: `));
}

// The number that a change of the row may move: a regression, or the probability of one label.
export function measureOf(prediction, label) {
  if (typeof prediction === "number") return prediction;
  if (prediction.scores) return prediction.scores[label] ?? 0;
  return typeof prediction.decision === "number" ? prediction.decision : prediction.decision?.[label] ?? 0;
}

export function labelsByScore(prediction) {
  return Object.entries(prediction.scores ?? {}).sort((one, other) => other[1] - one[1]);
}

function flat(prediction, prefix) {
  if (typeof prediction === "number") return [{name: `${prefix}${t("table.prediction")}`, key: `${prefix}prediction`, value: prediction}];
  const text = prediction.label ?? prediction.answer;
  const cells = [{name: `${prefix}${t("table.prediction")}`, key: `${prefix}prediction`, value: text}];
  if (typeof prediction.score === "number") cells.push({name: `${prefix}${t("table.score")}`, key: `${prefix}score`, value: prediction.score, isShare: true});
  if (typeof prediction.decision === "number") cells.push({name: `${prefix}${t("table.decision")}`, key: `${prefix}decision`, value: prediction.decision});
  return cells;
}

function one(prediction) {
  if (typeof prediction === "number") return el("p", {class: "figure"}, shownNumber(prediction));
  if (prediction.scores) return probabilities(prediction);
  return decision(prediction);
}

function probabilities(prediction) {
  const ordered = labelsByScore(prediction);
  const rest = ordered.length - MOST_BARS;
  return el(
    "div", {class: "stack"},
    el("p", {class: "figure-label"}, data(prediction.label)),
    el("div", {class: "bars", role: "list", "aria-label": t("result.probabilities")}, ordered.slice(0, MOST_BARS).map(([label, score]) => bar(label, percent(score), score, label === prediction.label))),
    rest > 0 ? el("p", {class: "small muted"}, t("result.more_labels", {count: rest})) : null,
  );
}

// A model without probabilities: the margin of scikit-learn's decision function, which has no scale of its own.
function decision(prediction) {
  const values = typeof prediction.decision === "number" ? [[prediction.label, prediction.decision]] : Object.entries(prediction.decision);
  const ordered = values.sort((one, other) => other[1] - one[1]).slice(0, MOST_BARS);
  return el(
    "div", {class: "stack"},
    el("p", {class: "figure-label"}, data(prediction.label)),
    el("dl", {class: "facts"}, ordered.map(([label, value]) => [el("dt", {}, data(label)), el("dd", {}, shownNumber(value))])),
    el("p", {class: "small muted"}, t("result.decision")),
  );
}

// A bar as long as `share` of its track; in a list, or alone in something else.
export function bar(label, shown, share, isFirst, {isListed = true} = {}) {
  const fill = el("div", {class: "bar-fill"});
  fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return el(
    "div", {class: `bar${isFirst ? " bar-first" : ""}`, role: isListed ? "listitem" : null},
    el("div", {class: "bar-head"}, data(label), el("span", {class: "number"}, shown)),
    el("div", {class: "bar-track"}, fill),
  );
}
