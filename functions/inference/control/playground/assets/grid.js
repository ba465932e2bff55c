// Rows of a table with their lines, as a spreadsheet counts them.
import {data, el} from "./elements.js";
import {faultText} from "./faults.js";
import {t} from "./language.js";
import {percent, shownNumber} from "./numbers.js";

// The rows as they were sent, after them their predictions, if there are any; a cell with a warning or a fault says which.
export function grid(header, rows, columns, sorting) {
  const head = (column) => {
    if (!sorting) return data(column.name);
    const isOrder = sorting.state.order === column.key;
    return el("button", {type: "button", class: "sort", on: {click: () => sorting.sort(column.key)}}, data(column.name), isOrder ? (sorting.state.isDown ? " ↓" : " ↑") : "");
  };
  const order = (column) => (sorting?.state.order === column.key ? (sorting.state.isDown ? "descending" : "ascending") : null);
  return el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": t("tab.table")}, el(
    "table", {},
    el("thead", {}, el("tr", {}, el("th", {scope: "col"}, el("span", {title: t("table.line_help")}, t("table.line"))), columns.map((column) => el("th", {scope: "col", class: "predicted", "aria-sort": order(column)}, head(column))), header.map((name) => el("th", {scope: "col"}, el("span", {class: "cut"}, data(name)))))),
    el("tbody", {}, rows.map((row) => line(row, header, columns, sorting))),
  ));
}

function line(row, header, columns, sorting) {
  const notes = new Map();
  const rest = [];
  for (const fault of [...(row.faults ?? []), ...(row.warnings ?? [])]) {
    const found = sorting?.fields.get(fault.loc.findLast((part) => sorting.fields.has(part)));
    const text = faultText(fault, found?.field);
    if (found) notes.set(found.at, [...(notes.get(found.at) ?? []), text]);
    else rest.push(`${fault.loc.slice(2).join(".")} ${text}`);
  }
  const kind = row.faults ? "faulty" : "warned";
  const predicted = row.faults
    ? [el("td", {class: "faulty", colspan: Math.max(1, columns.length)}, t("table.not_predicted"), rest.map((one) => el("p", {class: "small"}, data(one))))]
    : columns.map((column, at) => predictedCell(row.predicted?.[at]));
  return el("tr", {}, el("td", {class: "row-number"}, String(row.number)), predicted, header.map((_, at) => el(
    "td", {class: notes.has(at) ? kind : null}, el("span", {class: "cut"}, data(row.cells[at] ?? "")), (notes.get(at) ?? []).map((one) => el("p", {class: "small"}, data(one))),
  )));
}

function predictedCell(cell) {
  const isNumber = typeof cell?.value === "number";
  const shown = isNumber ? (cell.isShare ? percent(cell.value) : shownNumber(cell.value)) : data(cell?.value ?? "");
  return el("td", {class: `predicted${isNumber ? " numeric" : ""}`}, isNumber ? shown : el("span", {class: "cut"}, shown));
}
