// The request of a form in other languages, to copy.
const INDENT = "    ";

// Programs by name. With `needsToken` they read a token from the environment, never the one that was typed in.
export function snippets(url, body, needsToken) {
  const write = {curl, Python: python, pandas, "Python client": client, JavaScript: javaScript, R: r, "Excel, Power BI": powerQuery};
  return Object.fromEntries(Object.entries(write).map(([name, program]) => [name, program(url, body, needsToken)]));
}

function shellQuoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// A value of JSON as Python writes it.
function pythonLiteral(value, indent = "") {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = indent + INDENT;
  if (Array.isArray(value)) return `[${value.map((one) => pythonLiteral(one, indent)).join(", ")}]`;
  const lines = Object.entries(value).map(([name, one]) => `${inner}${JSON.stringify(name)}: ${pythonLiteral(one, inner)},\n`);
  return lines.length ? `{\n${lines.join("")}${indent}}` : "{}";
}

function curl(url, body, needsToken) {
  const lines = [`curl ${shellQuoted(url)}`, "-H 'Content-Type: application/json'"];
  if (needsToken) lines.push('-H "Authorization: Bearer $TOKEN"');
  return [...lines, `-d ${shellQuoted(JSON.stringify(body))}`].join(" \\\n  ");
}

function python(url, body, needsToken) {
  const token = needsToken ? ', headers={"Authorization": f"Bearer {os.environ[\'TOKEN\']}"}' : "";
  return `${needsToken ? "import os\n\n" : ""}import requests

row = ${pythonLiteral(body)}
answer = requests.post(${JSON.stringify(url)}, json=row${token})
answer.raise_for_status()
print(answer.json()["data"]["predictions"][0])
`;
}

function javaScript(url, body, needsToken) {
  const token = needsToken ? ", Authorization: `Bearer ${process.env.TOKEN}`" : "";
  return `const answer = await fetch(${JSON.stringify(url)}, {
  method: "POST",
  headers: {"Content-Type": "application/json"${token}},
  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll("\n", "\n  ")}),
});
const {data} = await answer.json();
console.log(data.predictions[0]);
`;
}

// A whole table: the missing values of pandas become null, which json= would refuse to send.
function pandas(url, body, needsToken) {
  const token = needsToken ? ', "Authorization": f"Bearer {os.environ[\'TOKEN\']}"' : "";
  return `${needsToken ? "import os\n\n" : ""}import pandas as pd
import requests

rows = pd.DataFrame([${pythonLiteral(body)}])  # or pd.read_csv(...)
answer = requests.post(
    ${JSON.stringify(url)},
    data=rows.to_json(orient="records"),
    headers={"Content-Type": "application/json"${token}},
)
answer.raise_for_status()
rows["prediction"] = answer.json()["data"]["predictions"]
print(rows)
`;
}

// The client of this project: many rows, tries again, trainings and batches.
function client(url, body, needsToken) {
  const [, base, model] = /^(.*)\/models\/([^/]+)\/predict$/.exec(url);
  return `${needsToken ? "import os\n\n" : ""}from despliegue_client import Client  # pip install ./client

row = ${pythonLiteral(body)}
client = Client(${JSON.stringify(base)}${needsToken ? ', token=os.environ["TOKEN"]' : ""})
print(client.predict(${JSON.stringify(decodeURIComponent(model))}, [row])[0])
`;
}

function r(url, body, needsToken) {
  const token = needsToken ? '\n  req_auth_bearer_token(Sys.getenv("TOKEN")) |>' : "";
  return `library(httr2)

answer <- request(${JSON.stringify(url)}) |>${token}
  req_body_raw(${JSON.stringify(JSON.stringify(body))}, "application/json") |>
  req_perform() |>
  resp_body_json()
print(answer$data$predictions[[1]])
`;
}

// The language of queries in Excel and Power BI: Data, Get Data, Blank Query, Advanced Editor.
function powerQuery(url, body, needsToken) {
  const token = needsToken ? ', Authorization = "Bearer " & Token' : "";
  return `let
${needsToken ? '    Token = "...",\n' : ""}    Row = ${powerText(JSON.stringify(body))},
    Answer = Web.Contents(${powerText(url)}, [
        Headers = [#"Content-Type" = "application/json"${token}],
        Content = Text.ToBinary(Row)
    ]),
    Predictions = Json.Document(Answer)[data][predictions]
in
    Predictions
`;
}

// A quote is doubled, and #( would begin the name of a character.
function powerText(text) {
  return `"${text.replaceAll('"', '""').replaceAll("#(", "#(#)(")}"`;
}
