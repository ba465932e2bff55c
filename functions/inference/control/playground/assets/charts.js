// Drawings of numbers: lines over a range, and their axes.
import {svg} from "./elements.js";
import {briefNumber} from "./numbers.js";

// A drawing is made as wide as its page is then, because a browser that makes it narrower makes its words smaller too.
const WIDTH = 640;
const NARROW_WIDTH = 330;
const NARROW_BELOW = 600;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 20;
const TOP = 16;
const BOTTOM = 34;
const TICKS = 5;
const ROUND_STEPS = [1, 2, 2.5, 5, 10];

// Lines over the same `xs`, each {name, ys}; `shownX` writes a place, `shownY` a value. `marks` are points {x, y, isFull}.
export function lineChart({xs, lines, marks = [], shownX = briefNumber, shownY = briefNumber, label, here = null, places = null}) {
  const width = innerWidth < NARROW_BELOW ? NARROW_WIDTH : WIDTH;
  const values = lines.flatMap((line) => line.ys).filter((value) => typeof value === "number");
  const ticks = roundTicks(Math.min(...values), Math.max(...values));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const x = scale(xs[0], xs.at(-1), LEFT, width - RIGHT);
  const y = scale(low, high, HEIGHT - BOTTOM, TOP);
  const below = places ?? ends(xs);
  return svg(
    "svg", {class: "chart", viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label},
    ticks.map((value) => [
      svg("line", {class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value)}),
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

// Round numbers around the values; a flat line has some space above and below.
export function roundTicks(least, greatest) {
  const space = greatest > least ? 0 : Math.abs(least) * 0.1 || 1;
  const [low, high] = [least - space, greatest + space];
  const raw = (high - low) / TICKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ROUND_STEPS.find((one) => one * power >= raw * 0.999);
  const first = Math.floor(low / step + 1e-9);
  const count = Math.ceil(high / step - 1e-9) - first;
  return Array.from({length: count + 1}, (_, at) => Number(((first + at) * step).toPrecision(12)));
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
