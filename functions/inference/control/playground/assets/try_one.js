// One row at a time: the form, the prediction, and the same request for programs.
import {address, ask, currentToken, pathOf} from "./api.js";
import {answersView} from "./answers.js";
import {el, replace} from "./elements.js";
import {faultsByField, faultText} from "./faults.js";
import {makeForm} from "./form.js";
import {t} from "./language.js";
import {button, chip, choiceOf, codeToCopy, disclosure, refusalNote, waiting} from "./parts.js";
import {resultView} from "./result.js";
import {snippets} from "./snippets.js";

const ANSWERS = ["1", "3", "5"];

// `model` is what the page knows of a model: details, fields, predictionSchema, and the instance that is filled in.
export function tryView(model) {
  const isAnswering = model.details.task === "question-answering";
  const result = el("div", {class: "stack", "aria-live": "polite"});
  const code = el("div", {class: "stack-tight"});
  const notice = el("p", {class: "small muted", hidden: true}, t("try.stale"));
  const form = makeForm(model.fields, changed);
  if (model.instance) form.write(model.instance);
  let answers = "3";
  let asked = 0;
  replace(result, el("div", {class: "empty"}, el("h2", {}, t("try.empty")), el("p", {}, t(isAnswering ? "try.empty_question" : "try.empty_help"))));
  showCode();

  function changed() {
    model.instance = form.read().instance;
    if (result.dataset.isPrediction) {
      result.classList.add("stale");
      notice.hidden = false;
    }
    showCode();
  }

  function showCode() {
    const url = address(pathOf(model.name, "predict"));
    const needsToken = model.needsToken || currentToken() !== "";
    replace(
      code,
      codeToCopy(snippets(url, form.read().instance, needsToken)),
      needsToken ? el("p", {class: "small muted"}, t("snippets.token")) : null,
      el("p", {class: "small muted"}, t("snippets.openapi"), " ", el("a", {href: address("/openapi.json")}, "openapi.json")),
    );
  }

  async function predict(event) {
    event.preventDefault();
    const {instance, faults} = form.read();
    model.instance = instance;
    form.show(faultsByField(faults, model.names), new Map());
    if (faults.length) return;
    asked += 1;
    const number = asked;
    delete result.dataset.isPrediction;
    result.classList.remove("stale");
    notice.hidden = true;
    replace(result, waiting(t("try.predicting")));
    try {
      const shown = isAnswering ? await answered(instance) : await predicted(instance);
      if (number !== asked) return;
      result.dataset.isPrediction = "yes";
      replace(result, el("h2", {class: "small muted"}, t("try.result")), shown);
      result.scrollIntoView({block: "nearest"});
    } catch (error) {
      if (number === asked) replace(result, refused(error));
    }
  }

  async function predicted(instance) {
    const found = await ask("POST", pathOf(model.name, "predict"), {body: instance});
    const warnings = faultsByField(found.warnings[0], model.names);
    form.show(new Map(), warnings);
    const count = found.warnings[0].length;
    return [
      resultView(found.predictions[0], model.predictionSchema),
      el("div", {class: "row"}, chip(t("version", {version: found.version}), "accent"), count ? chip(t("try.warnings", {count}), "warn") : null),
      model.details.task.startsWith("tabular-") ? el("p", {}, el("a", {href: `#/${encodeURIComponent(model.name)}/what-if`}, t("try.what_if"))) : null,
    ];
  }

  async function answered(instance) {
    const found = await ask("POST", pathOf(model.name), {body: {inputs: instance, parameters: {top_k: Number(answers)}}});
    return answersView([found].flat(), instance.context ?? "");
  }

  function refused(error) {
    const placed = faultsByField(error.faults ?? [], model.names);
    const rest = placed.get("") ?? [];
    placed.delete("");
    form.show(placed, new Map());
    if (!placed.size) return refusalNote(error);
    return el(
      "div", {class: "note note-bad note-large", role: "alert"},
      el("p", {}, t("try.faults", {count: [...placed.values()].flat().length})),
      rest.map((fault) => el("p", {class: "small"}, faultText(fault))),
    );
  }

  const actions = el(
    "div", {class: "row actions-bar"},
    el("button", {class: "button button-primary"}, t(isAnswering ? "try.answer" : "try.predict")),
    model.example ? button(t("try.example"), () => { form.write(model.example); form.show(new Map(), new Map()); changed(); }) : null,
    isAnswering ? el("div", {class: "row"}, el("span", {class: "small muted"}, t("answers.how_many")), choiceOf(t("answers.how_many"), ANSWERS.map((one) => [one, one]), answers, (one) => { answers = one; })) : null,
  );
  return el(
    "div", {class: "split"},
    el("form", {class: "panel stack-wide", novalidate: true, "aria-label": t("try.form"), on: {submit: predict}}, form.element, actions, disclosure(t("snippets.title"), code)),
    el("section", {class: "panel stack sticky", "aria-label": t("try.result")}, result, notice),
  );
}
