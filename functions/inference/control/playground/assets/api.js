// Requests to the server that shows this page.
const basePath = document.documentElement.dataset.basePath ?? "";
let token = "";
let askForToken = async () => false;
let isAsking = null;

// A refusal, with the faults that the server names.
export class Refused extends Error {
  constructor(status, faults, message, retrySeconds = 0) {
    super(message);
    this.status = status;
    this.faults = faults;
    this.retrySeconds = retrySeconds;
  }

  get needsToken() {
    return this.status === 401 || this.status === 403;
  }
}

export function currentToken() {
  return token;
}

// In the memory of this page alone: it goes with the page.
export function setToken(text) {
  token = text.trim();
}

// `ask` shows a form for a token, and says whether there is one now.
export function onTokenNeeded(ask) {
  askForToken = ask;
}

export function address(path) {
  return `${location.origin}${basePath}${path}`;
}

export function pathOf(model, ...rest) {
  return ["", "models", model, ...rest].map(encodeURIComponent).join("/");
}

// The data of an answer. A `quiet` request is refused without asking for a token.
export async function ask(method, path, {body, headers = {}, quiet = false, signal} = {}) {
  const answer = await send(method, path, {body, headers, signal});
  if (answer.status === 401 && !quiet && await tokenGiven()) return ask(method, path, {body, headers, signal, quiet: true});
  return dataOf(answer);
}

export function get(path, options) {
  return ask("GET", path, options);
}

// A file by a form that the server signed, which on AWS goes to a bucket; `onProgress` gets the share that was sent.
export function sendForm(form, file, onProgress) {
  return new Promise((done, failed) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
    body.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.url);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 300) done();
      else failed(refusalOf(request.status, parsed(request.responseText), request.responseText));
    };
    request.onerror = () => failed(new Refused(0, [], "no answer"));
    request.send(body);
  });
}

async function send(method, path, {body, headers, signal}) {
  const sent = {...headers};
  if (token) sent.Authorization = `Bearer ${token}`;
  if (body !== undefined) sent["Content-Type"] = "application/json";
  try {
    return await fetch(address(path), {method, headers: sent, body: body === undefined ? undefined : JSON.stringify(body), signal});
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, [], "no answer");
  }
}

// Many requests may need the token at once, and one form asks for it.
function tokenGiven() {
  isAsking ??= askForToken().finally(() => { isAsking = null; });
  return isAsking;
}

async function dataOf(answer) {
  const text = await answer.text();
  const document = parsed(text);
  if (answer.ok && document !== null) return Object.hasOwn(document, "data") ? document.data : document;
  throw refusalOf(answer.status, document, text, Number(answer.headers.get("Retry-After")) || 0);
}

function refusalOf(status, document, text, retrySeconds = 0) {
  const bare = document?.error ?? document?.message ?? text.slice(0, 300);
  const faults = Array.isArray(document?.errors) ? document.errors : [];
  return new Refused(status, faults, faults.length ? faults.map((one) => one.msg).join("; ") : String(bare), retrySeconds);
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return null; }
}
