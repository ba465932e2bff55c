// Many rows, predicted in several requests: a bad row stops no other, and what is too large is halved.
import {ask, pathOf, Refused} from "./api.js";

const MOST_TRIES = 5;

// For each row {prediction, warnings}, or {faults} where the server refuses it, in order. Raises Refused.
export async function predictedRows(model, rows, {size, onProgress = () => {}, signal} = {}) {
  const results = new Array(rows.length);
  let done = 0;
  let most = size;
  for (let start = 0; start < rows.length;) {
    const places = Array.from({length: Math.min(most, rows.length - start)}, (_, at) => start + at);
    try {
      await predictChunk(model, rows, places, results, signal);
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 413 || places.length === 1) throw error;
      most = Math.ceil(places.length / 2);
      continue;
    }
    start += places.length;
    done = start;
    onProgress(done);
  }
  return results;
}

async function predictChunk(model, rows, places, results, signal) {
  let left = places;
  while (left.length) {
    const {answer, faults} = await tried(model, left.map((at) => rows[at]), signal);
    if (answer) {
      left.forEach((at, place) => { results[at] = {prediction: answer.predictions[place], warnings: answer.warnings[place]}; });
      return;
    }
    for (const fault of faults) {
      const at = left[fault.loc[1]];
      results[at] ??= {faults: []};
      results[at].faults.push(fault);
    }
    left = left.filter((at) => !results[at]);
  }
}

async function tried(model, body, signal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return {answer: await ask("POST", pathOf(model, "predict"), {body, signal})};
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const isOfRows = error.status === 422 && error.faults.length && error.faults.every((one) => Number.isInteger(one.loc[1]));
      if (isOfRows) return {faults: error.faults};
      if (![429, 503].includes(error.status) || attempt === MOST_TRIES) throw error;
      await new Promise((done) => setTimeout(done, 1000 * (error.retrySeconds || attempt)));
    }
  }
}
