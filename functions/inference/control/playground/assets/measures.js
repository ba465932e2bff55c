// Metrics: which of them stands for a model, how it is written, and which way is better.
import {isKnown, t} from "./language.js";
import {percent, shownNumber} from "./numbers.js";

const FIRST = ["roc_auc", "r2", "f1", "accuracy", "rmse", "mae", "exact", "log_loss"];
const SMALLER_IS_BETTER = new Set(["rmse", "mae", "log_loss", "hamming_loss"]);
const SHARES = new Set(["accuracy", "precision", "recall", "f1", "subset_accuracy", "f1_micro"]);

export function mainMetric(metrics) {
  const names = namesOf(metrics);
  return FIRST.find((name) => names.includes(name)) ?? names[0] ?? null;
}

export function namesOf(metrics) {
  return Object.keys(metrics ?? {}).filter((name) => typeof metrics[name] === "number");
}

export function metricName(name) {
  return isKnown(`metric.${name}`) ? t(`metric.${name}`) : name;
}

export function metricValue(name, value) {
  if (typeof value !== "number") return "–";
  return SHARES.has(name) && value <= 1 ? percent(value) : shownNumber(value);
}

export function isSmallerBetter(name) {
  return SMALLER_IS_BETTER.has(name);
}

// 1 if `value` is better than `other`, -1 if it is worse, 0 if neither.
export function compared(name, value, other) {
  if (typeof value !== "number" || typeof other !== "number" || value === other) return 0;
  return (value > other) === isSmallerBetter(name) ? -1 : 1;
}
