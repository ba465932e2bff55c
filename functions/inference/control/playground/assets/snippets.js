// The request of a form in other languages, to copy.
const INDENT = "    ";

// Programs by name. With `needsToken` they read a token from the environment, never the one that was typed in.
export function snippets(url, body, needsToken) {
  return {curl: curl(url, body, needsToken), Python: python(url, body, needsToken), JavaScript: javaScript(url, body, needsToken)};
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
