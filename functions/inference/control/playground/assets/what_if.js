// What the model would answer if one feature of the row were another, the others as they are.
import {predictedRows} from "./chunks.js";
import {legendLine, lineChart} from "./charts.js";
import {data, el} from "./elements.js";
import {t} from "./language.js";
import {briefNumber, percent, shownNumber} from "./numbers.js";
import {bar, labelsByScore, measureOf} from "./result.js";
import {isNumeric, targetsOf} from "./schema.js";
import {choiceOf, shownIn, waiting} from "./parts.js";

const POINTS = 41;
const RANKED_POINTS = 9;
const MOST_LEVELS = 40;
const MOST_LINES = 4;
const MOST_RANKED = 8;
const ROWS_IN_REQUEST = 1000;

export function whatIfView(model) {
  const row = rowOf(model);
  const varied = model.fields.filter((field) => valuesOf(field, POINTS).length > 1);
  if (!row || !varied.length) return el("div", {class: "panel empty"}, el("h2", {}, t("what_if.none")), el("p", {}, t(model.needsToken ? "what_if.needs_token" : "what_if.no_range")));
  const place = el("div", {class: "stack"}, waiting());
  const ranking = el("div", {class: "stack"}, waiting());
  const targets = targetsOf(model.predictionSchema);
  const view = {model, row, target: targets ? Object.keys(targets)[0] : null, field: varied[0]};
  let isChosen = false;
  const draw = (field) => {
    view.field = field;
    picker.value = field.name;
    shownIn(place, () => curve(view));
  };
  const choose = (field) => {
    isChosen = true;
    draw(field);
  };
  const picker = el("select", {class: "input", id: "what-if-feature", on: {change: () => choose(varied.find((field) => field.name === picker.value))}}, varied.map((field) => el("option", {value: field.name}, field.name)));
  // the feature that moves the answer most is drawn first, unless its reader was quicker
  const rank = () => shownIn(ranking, async () => {
    const found = await ranked(view, varied);
    if (!isChosen) draw(found[0]?.field ?? view.field);
    return rankingPart(found, choose);
  });
  rank();
  return el(
    "div", {class: "stack-wide"},
    el("p", {class: "lead"}, t("what_if.honest"), " ", el("a", {href: `#/${encodeURIComponent(model.name)}/try`}, t("what_if.change_row"))),
    targets ? choiceOf(t("what_if.target"), Object.keys(targets).map((name) => [name, name]), view.target, (name) => { view.target = name; draw(view.field); rank(); }) : null,
    el(
      "div", {class: "split"},
      el("section", {class: "panel stack"}, el("div", {class: "field"}, el("label", {class: "field-name", for: "what-if-feature"}, t("what_if.feature")), picker), place),
      el("section", {class: "panel stack"}, el("h2", {}, t("what_if.ranking")), ranking),
    ),
  );
}

// The values that a feature takes: its levels, or steps over the range of the training rows.
export function valuesOf(field, points) {
  if (field.kind === "boolean") return [true, false];
  if (field.kind === "choice") return field.options.slice(0, MOST_LEVELS);
  const [low, high] = field.range ?? [field.minimum, field.maximum];
  if (isNumeric(field)) return steps(low, high, points, field.kind === "integer");
  if (field.kind.startsWith("moment") || field.kind === "day") return times(low, high, points, field.kind);
  return [];
}

function steps(low, high, points, isWhole) {
  if (typeof low !== "number" || typeof high !== "number" || !(low < high) || (isWhole && high - low > 1e12)) return [];
  const found = Array.from({length: points}, (_, at) => low + ((high - low) * at) / (points - 1));
  return isWhole ? [...new Set(found.map(Math.round))] : found.map((value) => Number(value.toPrecision(12)));
}

function times(low, high, points, kind) {
  const [from, to] = [low, high].map((one) => (typeof one === "string" ? timeOf(one) : NaN));
  return steps(from, to, points, true).map((time) => {
    const text = new Date(time).toISOString();
    return kind === "day" ? text.slice(0, 10) : kind === "moment" ? text.slice(0, 19) : `${text.slice(0, 19)}Z`;
  });
}

// A time without zone is drawn as if it were of UTC, so that no summer time moves it.
function timeOf(text) {
  return Date.parse(/Z$|[+-]\d\d:\d\d$/.test(text) ? text : text.length > 10 ? `${text}Z` : text);
}

function rowOf(model) {
  return model.instance ?? model.example;
}

function withValue(row, name, value) {
  return Object.assign(Object.create(null), row, {[name]: value});
}

async function predicted(view, rows) {
  const results = await predictedRows(view.model.name, rows, {size: Math.min(ROWS_IN_REQUEST, view.model.details.limits.max_instances)});
  return results.map((one) => (one.faults ? null : view.target ? one.prediction[view.target] : one.prediction));
}

async function curve(view) {
  const {field, row} = view;
  const values = valuesOf(field, POINTS);
  const [now, ...found] = await predicted(view, [row, ...values.map((value) => withValue(row, field.name, value))]);
  if (!now) return el("p", {class: "note note-bad note-large"}, t("what_if.bad_row"));
  const head = el("p", {class: "muted"}, t("what_if.now"), " ", el("strong", {}, shownPrediction(now)));
  return [head, field.kind === "choice" || field.kind === "boolean" ? levels(field, row, values, found, now) : lines(field, row, values, found, now)];
}

function shownPrediction(prediction) {
  if (typeof prediction === "number") return shownNumber(prediction);
  const share = prediction.scores?.[prediction.label];
  return [data(prediction.label), share === undefined ? "" : ` (${percent(share)})`];
}

function lines(field, row, values, found, now) {
  const isTime = !isNumeric(field);
  const xs = isTime ? values.map(timeOf) : values;
  const names = typeof now === "number" ? [null] : labelsByScore(now).slice(0, MOST_LINES).map(([label]) => label);
  const shownNames = names.length ? names : [now.label];
  const series = shownNames.map((name) => ({name, ys: found.map((one) => (one === null ? null : measureOf(one, name)))}));
  const isShare = typeof now !== "number" && Boolean(now.scores);
  const own = row[field.name];
  const at = own === null || own === undefined ? null : isTime ? timeOf(String(own)) : own;
  const isInside = at !== null && at >= xs[0] && at <= xs.at(-1);
  return [
    lineChart({
      xs, lines: series, here: isInside ? at : null,
      marks: isInside ? [{x: at, y: measureOf(now, shownNames[0]), isFull: true}] : [],
      shownX: isTime ? (time) => new Date(time).toISOString().slice(0, 10) : (value) => briefNumber(field.kind === "integer" ? Math.round(value) : value),
      shownY: isShare ? (value) => percent(value) : briefNumber,
      label: t("what_if.chart", {name: field.name}),
    }),
    shownNames.length > 1 ? el("p", {class: "legend"}, series.map((line, place) => el("span", {}, legendLine(place), data(line.name)))) : null,
    isInside ? el("p", {class: "small muted"}, t("what_if.here")) : null,
  ];
}

function levels(field, row, values, found, now) {
  const measured = values.map((value, at) => ({value, measure: found[at] === null ? null : measureOf(found[at], now.label)})).filter((one) => one.measure !== null);
  const isShare = typeof now !== "number" && Boolean(now.scores);
  const most = isShare ? 1 : Math.max(...measured.map((one) => Math.abs(one.measure))) || 1;
  return [
    isShare ? el("p", {class: "small muted"}, t("what_if.of_label"), " ", data(now.label)) : null,
    el("div", {class: "bars", role: "list"}, measured.map(({value, measure}) => bar(
      `${value === true ? t("form.true") : value === false ? t("form.false") : value}${value === row[field.name] ? ` (${t("what_if.this")})` : ""}`,
      isShare ? percent(measure) : shownNumber(measure), Math.abs(measure) / most, value === row[field.name],
    ))),
    field.options.length > MOST_LEVELS ? el("p", {class: "small muted"}, t("what_if.first_levels", {count: MOST_LEVELS})) : null,
  ];
}

// The features by the largest change of the answer that they make alone; none for a row that is refused.
async function ranked(view, varied) {
  const tries = varied.flatMap((field) => valuesOf(field, RANKED_POINTS).filter((value) => value !== view.row[field.name]).map((value) => ({field, value})));
  const [now, ...found] = await predicted(view, [view.row, ...tries.map(({field, value}) => withValue(view.row, field.name, value))]);
  if (!now) return [];
  const base = measureOf(now, now.label);
  const best = new Map();
  tries.forEach(({field, value}, at) => {
    if (found[at] === null) return;
    const change = measureOf(found[at], now.label) - base;
    if (Math.abs(change) > Math.abs(best.get(field)?.change ?? 0)) best.set(field, {field, change, value, label: found[at].label, now});
  });
  return [...best.values()].sort((one, other) => Math.abs(other.change) - Math.abs(one.change)).slice(0, MOST_RANKED);
}

function rankingPart(ordered, choose) {
  if (!ordered.length) return el("p", {class: "muted"}, t("what_if.nothing_moves"));
  const {now, change: largest} = ordered[0];
  const most = Math.abs(largest) || 1;
  const isShare = typeof now !== "number" && Boolean(now.scores);
  const sign = (change) => `${change > 0 ? "+" : "−"}${isShare ? t("what_if.points", {points: shownNumber(Math.round(Math.abs(change) * 1000) / 10)}) : shownNumber(Math.abs(change))}`;
  return [
    el("p", {class: "small muted"}, t(typeof now === "number" ? "what_if.ranking_number" : "what_if.ranking_label"), typeof now === "number" ? null : [" ", data(now.label)]),
    el("ul", {class: "stack-tight"}, ordered.map(({field, change, value, label}) => el("li", {}, el(
      "button", {type: "button", class: "answer-choice", on: {click: () => choose(field)}},
      bar(`${field.name} → ${typeof value === "number" ? briefNumber(value) : value}`, sign(change), Math.abs(change) / most, true, {isListed: false}),
      label !== undefined && label !== now.label ? el("span", {class: "small muted"}, t("what_if.then"), " ", data(label)) : null,
    )))),
  ];
}
