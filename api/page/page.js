// The first pages, until the console comes: clients of the public API and no more. Nothing is changed from here.
import { Denied, PAGE, ask, choices, remember, state, text } from "/client.js";
import { alerts } from "/alerts.js";
import { incidents } from "/incidents.js";
import { posture } from "/posture.js";

// A view names the `paths` that it asks, and of their answers makes its elements (`show`), a line below them (`said`)
// and whether there is `more`.
const VIEWS = { alerts, incidents, posture };
const EVERY = 5000;
const $ = (id) => document.getElementById(id);
if (!(state.view in VIEWS)) state.view = "alerts";

function words() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.title = `汉望 · ${text().views[state.view]}`;
  for (const item of document.querySelectorAll("[data-say]")) item.textContent = text()[item.dataset.say];
  $("language").textContent = text().other;
  const options = Object.keys(VIEWS).map((name) => [name, text().views[name]]);
  $("views").replaceChildren(...choices(options, state.view, (name) => { state.view = name; state.shown = PAGE; change(); }).children);
}

function showLedger(ledger) {
  const delivered = ledger.totals.delivered || { total: 0, parts: { pending: 0 } };
  const waiting = delivered.parts.pending ? text().pending(delivered.parts.pending) : "";
  $("ledger").textContent = (ledger.complete ? text().complete(delivered.total) : text().incomplete(ledger.missing)) + waiting;
  $("ledger").className = ledger.complete ? "" : "incomplete";
}

let last = "";
function show(view, answers) {
  const now = JSON.stringify([answers, state.view, state.level, state.by, state.language]);
  if (now === last) return;
  // Elements are made again only when something changed, and what was opened stays open; a link says what is open first.
  const open = new Set([...document.querySelectorAll("details[open]")].map((item) => item.dataset.key).concat(last ? [] : state.open));
  $("content").replaceChildren(...view.show(answers, refresh));
  for (const item of document.querySelectorAll("#content details")) item.open = open.has(item.dataset.key);
  last = now;
}

async function refresh() {
  const name = state.view;
  try {
    const view = VIEWS[name];
    const [ledger, ...answers] = await Promise.all(["ledger", ...view.paths()].map(ask));
    if (state.view !== name) return;
    $("token-form").hidden = true;
    showLedger(ledger);
    show(view, answers);
    $("more").hidden = !view.more(answers);
    $("state").className = "";
    $("state").textContent = view.said(answers);
  } catch (error) {
    const denied = error instanceof Denied;
    $("token-form").hidden = !denied;
    $("state").className = "error";
    $("state").textContent = denied ? text().denied : error instanceof TypeError ? text().lost : error.message;
  }
}

function change() {
  remember();
  words();
  refresh();
}

$("language").addEventListener("click", () => { state.language = state.language === "zh" ? "en" : "zh"; change(); });
$("more").addEventListener("click", () => { state.shown += PAGE; refresh(); });
$("token-form").addEventListener("submit", (event) => { event.preventDefault(); sessionStorage.setItem("token", $("token").value.trim()); refresh(); });
$("state").textContent = text().loading;
change();
setInterval(refresh, EVERY);
