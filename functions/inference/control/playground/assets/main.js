// The page: its header, and the view that its address names.
import {address, currentToken, onTokenNeeded} from "./api.js";
import {el, replace} from "./elements.js";
import {homeView} from "./home.js";
import {LANGUAGES, currentLanguage, setLanguage, t} from "./language.js";
import {forgetModels, modelView} from "./model.js";
import {button, choiceOf} from "./parts.js";
import {askForToken} from "./token_form.js";

const app = document.getElementById("app");

onTokenNeeded(async () => {
  const isGiven = await askForToken();
  if (isGiven) { forgetModels(); showHeader(); }
  return isGiven;
});
addEventListener("hashchange", () => show());
document.addEventListener("dragover", (event) => event.preventDefault());
// a file that misses its place would replace the page
document.addEventListener("drop", (event) => event.preventDefault());
start();
show({keepsPlace: true});

function start() {
  document.documentElement.lang = currentLanguage();
  replace(
    app,
    el("a", {class: "skip", href: "#page", on: {click: (event) => { event.preventDefault(); document.getElementById("page").focus(); }}}, t("header.skip")),
    el("header", {class: "header", id: "header"}),
    el("main", {class: "page", id: "page", tabindex: "-1"}),
  );
  showHeader();
}

function showHeader() {
  replace(document.getElementById("header"), el(
    "div", {class: "header-inner"},
    el("a", {class: "brand", href: "#/"}, el("img", {src: document.querySelector("link[rel=icon]").href, alt: "", width: "28", height: "28"}), "Despliegue"),
    el(
      "div", {class: "header-links"},
      el("a", {href: address("/docs")}, t("header.api")),
      button(t(currentToken() ? "header.token_set" : "header.token"), changeToken, {kind: "plain", small: true}),
      choiceOf(t("header.language"), LANGUAGES.map((one) => [one, t(`language.${one}`)]), currentLanguage(), changeLanguage),
    ),
  ));
}

async function changeToken() {
  await askForToken();
  forgetModels();
  showHeader();
  show();
}

function changeLanguage(chosen) {
  setLanguage(chosen);
  start();
  show();
  document.querySelector("#header .choice input:checked")?.focus();
}

function show({keepsPlace = false} = {}) {
  const [name, tab] = location.hash.replace(/^#\//, "").split("/").map(decoded);
  const page = document.getElementById("page");
  document.title = name ? `${name} – Despliegue` : "Despliegue";
  replace(page, name ? modelView(name, tab, () => show({keepsPlace: true})) : homeView());
  if (!keepsPlace) scrollTo(0, 0);
}

function decoded(part) {
  try { return decodeURIComponent(part); } catch { return part; }
}
