// Reads, predictions and changes, as a front-end would ask for them.
const [url, example] = ARGUMENTS;
const json = {"Content-Type": "application/json"};
const ask = async (path, options) => {
  try {
    const answer = await fetch(url + path, options);
    return {status: answer.status, version: answer.headers.get("X-Model-Version"), body: await answer.json()};
  } catch (error) { return {failed: String(error)}; }
};
return {
  read: await ask("/models"),
  predict: await ask("/models/churn/predict", {method: "POST", headers: json, body: JSON.stringify(example)}),
  labels: await ask("/models/project-tags", {method: "POST", headers: {...json, "X-Use-Cache": "false"},
                                             body: JSON.stringify({inputs: "a text"})}),
  retrain: await ask("/models/churn/retrain", {method: "POST", headers: json, body: "[]"}),
  promote: await ask("/models/churn/production", {method: "PUT", headers: json, body: '{"version": 1}'}),
};
