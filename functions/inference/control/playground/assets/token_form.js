// The form for a token, which stays in the memory of the page.
import {currentToken, setToken} from "./api.js";
import {el, newId} from "./elements.js";
import {t} from "./language.js";
import {button, dialog} from "./parts.js";

// Ask for a token; true if there is one now.
export async function askForToken() {
  const given = await dialog(t("token.title"), (closes) => {
    const id = newId("token");
    const input = el("input", {class: "input", id, type: "password", autocomplete: "off", spellcheck: "false", value: currentToken()});
    const form = el(
      "form", {class: "stack", on: {submit: (event) => { event.preventDefault(); closes(input.value); }}},
      el("p", {class: "muted"}, t("token.help")),
      el("div", {class: "field"}, el("label", {class: "field-name", for: id}, t("token.label")), input),
      el("div", {class: "row"}, el("button", {class: "button button-primary"}, t("token.use")), button(t("cancel"), () => closes(null))),
    );
    return form;
  });
  if (given === null) return false;
  setToken(given);
  return given.trim() !== "";
}
