// What every view needs: the state of the page, the public API behind its token, and making elements.
import { TEXTS } from "/words.js";

// The token travels in the fragment, which a browser sends to nobody, and stays in this tab.
const fragment = new URLSearchParams(location.hash.slice(1));
if (fragment.get("token")) sessionStorage.setItem("token", fragment.get("token"));

export const PAGE = 100;
export const state = {
  language: fragment.get("lang") || localStorage.getItem("language") || "zh",
  view: fragment.get("view") || "alerts",
  level: fragment.get("level") || "informational",
  by: fragment.get("by") || "district",
  shown: PAGE,
  open: fragment.get("open") || "",
};
if (!(state.language in TEXTS)) state.language = "zh";
export const text = () => TEXTS[state.language];

export function remember() {
  const { view, level, by, language } = state;
  history.replaceState(null, "", `#${new URLSearchParams({ view, level, by, lang: language })}`);
  localStorage.setItem("language", language);
}

export class Denied extends Error {}

export async function ask(path) {
  const answer = await fetch(`/api/v1/${path}`, {
    headers: { Authorization: `Bearer ${sessionStorage.getItem("token") || ""}`, "Accept-Language": state.language },
  });
  if (answer.status === 401) throw new Denied();
  if (!answer.ok) throw new Error((await answer.json()).title);
  return answer.json();
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function table(name, columns, rows) {
  const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, column)));
  return element("table", { class: name }, element("thead", {}, head), element("tbody", {}, ...rows));
}

export function choices(options, chosen, choose) {
  return element("nav", {}, ...options.map(([value, name]) => {
    const button = element("button", { type: "button", "aria-pressed": String(value === chosen) }, name);
    button.addEventListener("click", () => choose(value));
    return button;
  }));
}

// What is asked for only when somebody opens it. The key keeps it open when the page is made again.
export function opening(key, name, load) {
  const made = element("details", { "data-key": key }, element("summary", {}, name));
  made.addEventListener("toggle", async () => {
    if (!made.open) return;
    const content = element("div");
    try {
      content.append(...(await load()));
    } catch (error) {
      content.append(element("p", { class: "error" }, error instanceof TypeError ? text().lost : error.message));
    }
    made.replaceChildren(made.firstChild, content);
  });
  return made;
}

export function pairs(entries) {
  return element("dl", {}, ...entries.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]));
}

export function local(time) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: "Asia/Shanghai" }).format(new Date(time));
}
