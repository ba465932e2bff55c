// Everything that a page may try with a server on the machine of its reader, and what it sees of the answers.
const [url, rebound, retrain, rows] = ARGUMENTS;
const read = async (answer) => ({type: answer.type, status: answer.status, body: await answer.text()});
const tried = {};
const attempt = async (name, work) => {
  const late = new Promise((done) => setTimeout(() => done("no answer"), 20000));
  try { tried[name] = await Promise.race([work(), late]); } catch (error) { tried[name] = String(error); }
};
const loaded = (element, source) => new Promise((done) => {
  element.onload = () => done("loaded");
  element.onerror = () => done("refused");
  element.src = source;
  document.documentElement.append(element);
});
const post = (path, body, headers = {}) => async () =>
  read(await fetch(url + path, {method: "POST", mode: "no-cors", body, headers}));
const form = (path, enctype, name, value) => () => new Promise((done) => {
  const frame = Object.assign(document.createElement("iframe"), {name: `frame${Math.random()}`});
  const sent = Object.assign(document.createElement("form"), {method: "post", action: url + path, enctype});
  sent.target = frame.name;
  sent.append(Object.assign(document.createElement("input"), {name, value}));
  document.documentElement.append(frame, sent);
  frame.onload = () => { try { done(frame.contentDocument.body.innerText); } catch (error) { done(String(error)); } };
  sent.submit();
});

const text = JSON.stringify(rows), json = {"Content-Type": "application/json"};
const file = new FormData();
file.append("file", new Blob([text]), "rows.json");
await attempt("a body without a type", post(retrain, new Blob([text])));
await attempt("JSON as text", post(retrain, text));
await attempt("JSON as a form", post(retrain, text, {"Content-Type": "application/x-www-form-urlencoded"}));
await attempt("JSON as a form of files", post(retrain, file));
await attempt("an upload without a body", post("/models/churn/uploads"));
await attempt("an upload as text", post("/models/churn/uploads", '{"file_name": "rows.csv"}'));
await attempt("a form of files for an upload", post("/local-uploads", file));
await attempt("a form that is JSON", form(retrain, "text/plain", text.slice(0, -2) + ',"x":"', '"}]'));
await attempt("a form", form(retrain, "application/x-www-form-urlencoded", "instances", text));
await attempt("an upload by a form", form("/models/churn/uploads", "multipart/form-data", "file_name", "rows.csv"));
await attempt("a beacon", async () => String(navigator.sendBeacon(url + retrain, new Blob([text]))));
await attempt("JSON that is asked for first", async () =>
  read(await fetch(url + retrain, {method: "POST", headers: json, body: text})));
const pinned = {method: "PUT", headers: json, body: '{"version": 1, "pin": true}'};
await attempt("a promotion", async () => read(await fetch(url + "/models/car-price/production", pinned)));
await attempt("a read", async () => read(await fetch(url + "/models/car-price/jobs")));
await attempt("a read without asking", async () =>
  read(await fetch(url + "/models/car-price/jobs", {mode: "no-cors"})));
await attempt("an image", () => loaded(new Image(), url + "/models/car-price/history"));
await attempt("a script", () => loaded(document.createElement("script"), url + "/models/car-price/args"));
await attempt("a frame", form("/docs", "text/plain", "a", "b"));
await attempt("a stream of events", () => new Promise((done) => {
  const events = new EventSource(url + "/models");
  events.onmessage = (event) => done(event.data);
  events.onerror = () => done("refused");
}));
await attempt("a web socket", () => new Promise((done) => {
  const opened = new WebSocket(url.replace("http", "ws") + "/models/car-price/jobs");
  opened.onopen = () => done("opened");
  opened.onerror = () => done("refused");
}));
await attempt("a rebound name", async () => read(await fetch(rebound + "/models/car-price/jobs")));
await attempt("a change by a rebound name", async () =>
  read(await fetch(rebound + retrain, {method: "POST", mode: "no-cors", body: new Blob([text])})));
return tried;
