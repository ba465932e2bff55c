// Answers of a question-answering model, each marked in the context that it is a part of.
import {data, el, replace} from "./elements.js";
import {t} from "./language.js";
import {percent} from "./numbers.js";
import {bar} from "./result.js";

// The answers in the order of their scores; a press on one marks it.
export function answersView(answers, context) {
  const found = answers.filter((one) => one.answer !== "");
  const place = el("div", {class: "stack"});
  if (!found.length) return el("div", {class: "stack"}, el("p", {class: "figure-label"}, t("answers.none")), el("p", {class: "muted"}, t("answers.none_why")));
  const choose = (chosen) => replace(place, marked(context, chosen));
  choose(found[0]);
  return el(
    "div", {class: "stack"},
    el("p", {class: "figure-label"}, data(found[0].answer)),
    el("p", {class: "small muted"}, t("answers.score", {score: percent(found[0].score)})),
    found.length > 1 ? list(found, choose) : null,
    el("h3", {}, t("answers.in_context")),
    place,
  );
}

// Places are counted in code points, which JavaScript's strings are not.
export function cutAt(text, start, end) {
  const points = Array.from(text);
  return [points.slice(0, start).join(""), points.slice(start, end).join(""), points.slice(end).join("")];
}

function list(found, choose) {
  const buttons = found.map((one, place) => el(
    "button", {type: "button", class: "answer-choice", "aria-pressed": String(place === 0), on: {click: () => {
      buttons.forEach((other, at) => other.setAttribute("aria-pressed", String(at === place)));
      choose(one);
    }}},
    bar(one.answer, percent(one.score), one.score, place === 0, {isListed: false}),
  ));
  return el("div", {class: "stack-tight"}, el("h3", {}, t("answers.others")), buttons);
}

function marked(context, answer) {
  const [before, inside, after] = cutAt(context, answer.start, answer.end);
  const mark = el("mark", {}, inside);
  const text = el("div", {class: "context", dir: "auto", tabindex: "0", role: "region", "aria-label": t("answers.in_context")}, before, mark, after);
  requestAnimationFrame(() => { text.scrollTop = Math.max(0, mark.offsetTop - text.offsetTop - text.clientHeight / 2); });
  return text;
}
