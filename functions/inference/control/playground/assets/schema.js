// The fields of a model, read from the JSON Schema of its instances.
const LONG = 60;
const UTC_DATE = "date-time";
const DATE_PATTERN = /^\^\(\?:\[0-9\]\{4\}-/;

// The fields in the order of the schema. `example` fills them, and shows which texts are long.
export function fieldsOf(schema, example = null) {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties).map(([name, property]) => fieldOf(name, property, required.has(name), example));
}

export function isNumeric(field) {
  return field.kind === "integer" || field.kind === "number";
}

function fieldOf(name, property, isRequired, example) {
  const types = [property.type].flat();
  const initial = example !== null && Object.hasOwn(example, name) ? example[name] : undefined;
  const range = property["x-training-range"] ?? null;
  const field = {
    name,
    types,
    description: property.description ?? "",
    isNullable: types.includes("null"),
    isRequired,
    initial,
    options: (property.enum ?? property["x-levels"] ?? []).filter((one) => one !== null),
    isClosed: Array.isArray(property.enum),
    minimum: property.minimum ?? null,
    maximum: property.maximum ?? null,
    range,
    pattern: property.pattern ?? null,
  };
  return {...field, kind: kindOf(field, property)};
}

function kindOf(field, property) {
  if (field.types.includes("string") && field.types.includes("integer")) return "id";
  if (field.types.includes("boolean")) return "boolean";
  if (field.options.length) return "choice";
  if (field.types.includes("integer")) return "integer";
  if (field.types.includes("number")) return "number";
  if (property.format === UTC_DATE) return "moment-utc";
  if (property.pattern && DATE_PATTERN.test(property.pattern)) return isDay(field) ? "day" : "moment";
  return isLong(field) ? "text" : "string";
}

function isDay(field) {
  const known = [field.initial, ...(field.range ?? [])].filter((one) => typeof one === "string");
  return known.length > 0 && known.every((one) => /^\d{4}-\d{2}-\d{2}$/.test(one));
}

function isLong(field) {
  return ["text", "context", "question"].includes(field.name) || String(field.initial ?? "").length > LONG;
}

// The schemas of several targets by name; null for a model of one, whose prediction has a text as label or answer.
export function targetsOf(predictionSchema) {
  const targets = Object.entries(predictionSchema.properties ?? {});
  const isSeveral = targets.length > 0 && targets.every(([, one]) => one.type === "number" || one.type === "object");
  return isSeveral ? Object.fromEntries(targets) : null;
}
