// Drawings of numbers: lines over a range, and their axes.
import {svg} from "./elements.js";
import {briefNumber} from "./numbers.js";

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 20;
const TOP = 16;
const BOTTOM = 34;
const TICKS = 4;

// Lines over the same `xs`, each {name, ys}; `shownX` writes a place, `shownY` a value. `marks` are points {x, y, isFull}.
export function lineChart({xs, lines, marks = [], shownX = briefNumber, shownY = briefNumber, label, here = null, places = null}) {
  const values = lines.flatMap((line) => line.ys).filter((value) => typeof value === "number");
  const [low, high] = widened(Math.min(...values), Math.max(...values));
  const x = scale(xs[0], xs.at(-1), LEFT, WIDTH - RIGHT);
  const y = scale(low, high, HEIGHT - BOTTOM, TOP);
  const ticks = Array.from({length: TICKS + 1}, (_, at) => low + ((high - low) * at) / TICKS);
  const below = places ?? ends(xs);
  return svg(
    "svg", {class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label},
    ticks.map((value) => [
      svg("line", {class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value)}),
      svg("text", {x: LEFT - 10, y: y(value) + 4, "text-anchor": "end"}, shownY(value)),
    ]),
    below.map((value, at) => svg("text", {x: x(value), y: HEIGHT - 12, "text-anchor": at === 0 && below.length > 1 ? "start" : at === below.length - 1 && at > 0 ? "end" : "middle"}, shownX(value))),
    here === null ? null : svg("line", {class: "here", x1: x(here), x2: x(here), y1: TOP, y2: HEIGHT - BOTTOM}),
    lines.map((line, at) => svg("path", {class: `line line-${at + 1}`, d: path(xs, line.ys, x, y)})),
    marks.map((mark) => svg("circle", {class: mark.isFull ? "dot-full" : "dot", cx: x(mark.x), cy: y(mark.y), r: mark.isFull ? 7 : 4.5}, svg("title", {}, mark.title ?? ""))),
  );
}

export function legendLine(place) {
  return svg("svg", {viewBox: "0 0 28 10", class: "chart", "aria-hidden": "true"}, svg("path", {class: `line line-${place + 1}`, d: "M1 5H27"}));
}

function scale(from, to, low, high) {
  return (value) => (to === from ? (low + high) / 2 : low + ((value - from) / (to - from)) * (high - low));
}

// A flat line is drawn in the middle, and no line touches the edge.
function widened(low, high) {
  const margin = (high - low) * 0.08 || Math.abs(high) * 0.05 || 1;
  return [low >= 0 && low - margin < 0 ? 0 : low - margin, high <= 1 && high + margin > 1 && low >= 0 ? 1 : high + margin];
}

function ends(xs) {
  return xs.length > 2 ? [xs[0], (xs[0] + xs.at(-1)) / 2, xs.at(-1)] : xs;
}

function path(xs, ys, x, y) {
  let isOn = false;
  return xs.map((value, at) => {
    if (typeof ys[at] !== "number") { isOn = false; return ""; }
    const step = `${isOn ? "L" : "M"}${x(value).toFixed(1)} ${y(ys[at]).toFixed(1)}`;
    isOn = true;
    return step;
  }).join("");
}
