// The first page: alerts as the API gives them, until the console comes. It is a client of the public API and no more.
"use strict";

const TEXTS = {
  zh: {
    subtitle: "告警", token: "令牌", open: "打开", time: "发生时间", level: "级别", rule: "规则", what: "经过", evidence: "证据", more: "更多",
    empty: "还没有告警。数据进入并匹配规则后会出现在这里。", loading: "读取中……", lost: "与服务的连接中断，正在重试。", denied: "请输入启动时打印的令牌。",
    complete: (n) => `账目完整：${n} 个事件，一个不少`, incomplete: (n) => `账目不符：${n} 个去向不明`, pending: (n) => `，${n} 个待处理`,
    line: "第 {n} 行", record: "第 {n} 条记录", packet: "第 {n} 个数据包", total: (n) => `共 ${n} 条`, all: "全部", details: "字段",
    levels: { critical: "严重", high: "高", medium: "中", low: "低", informational: "提示" }, other: "English",
  },
  en: {
    subtitle: "Alerts", token: "Token", open: "Open", time: "Event time", level: "Level", rule: "Rule", what: "What happened", evidence: "Evidence", more: "More",
    empty: "No alerts yet. They appear here once data comes in and rules match.", loading: "Loading…", lost: "The service is out of reach; trying again.", denied: "Enter the token that was printed at start.",
    complete: (n) => `Ledger complete: ${n} events, none missing`, incomplete: (n) => `Ledger incomplete: ${n} unaccounted for`, pending: (n) => `, ${n} waiting`,
    line: "line {n}", record: "record {n}", packet: "packet {n}", total: (n) => `${n} in all`, all: "All", details: "Fields",
    levels: { critical: "Critical", high: "High", medium: "Medium", low: "Low", informational: "Info" }, other: "中文",
  },
};
const SHAPES = { critical: "◆", high: "▲", medium: "■", low: "●", informational: "○" };
const LEVELS = Object.keys(SHAPES);
const PAGE = 100;
const EVERY = 5000;

// The token travels in the fragment, which a browser sends to nobody, and stays in this tab.
const fragment = new URLSearchParams(location.hash.slice(1));
if (fragment.get("token")) sessionStorage.setItem("token", fragment.get("token"));
const view = { language: fragment.get("lang") || localStorage.getItem("language") || "zh", level: fragment.get("level") || "informational", shown: PAGE };
const $ = (id) => document.getElementById(id);
const text = () => TEXTS[view.language];

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

async function ask(path) {
  const answer = await fetch(`/api/v1/${path}`, {
    headers: { Authorization: `Bearer ${sessionStorage.getItem("token") || ""}`, "Accept-Language": view.language },
  });
  if (answer.status === 401) throw new Error("denied");
  if (!answer.ok) throw new Error((await answer.json()).title);
  return answer.json();
}

function remember() {
  history.replaceState(null, "", `#${new URLSearchParams({ level: view.level, lang: view.language })}`);
  localStorage.setItem("language", view.language);
}

function words() {
  document.documentElement.lang = view.language === "zh" ? "zh-CN" : "en";
  document.title = `汉望 · ${text().subtitle}`;
  for (const item of document.querySelectorAll("[data-say]")) item.textContent = text()[item.dataset.say];
  $("language").textContent = text().other;
}

function local(time) {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: "Asia/Shanghai" }).format(new Date(time));
}

function row(alert) {
  const proof = alert.evidence[0];
  const said = Object.entries(proof.summary);
  const level = element("span", { class: `level ${alert.level}`, "data-shape": SHAPES[alert.level] }, text().levels[alert.level]);
  const what = element("td", { class: "what" }, said.slice(0, 4).map(([, value]) => value).join("  "));
  const list = element("dl", {}, ...said.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]));
  what.append(element("details", {}, element("summary", {}, text().details), list));
  const place = text()[proof.position.unit].replace("{n}", proof.position.number);
  return element(
    "tr", { "data-id": alert.id },
    element("td", { class: "time" }, local(alert.time)),
    element("td", {}, level),
    element("td", {}, (view.language === "zh" && alert.rule.title_zh) || alert.rule.title, element("small", {}, alert.attack.join(" · "))),
    what,
    element("td", {}, proof.source.name.split("/").pop(), element("small", {}, `${place} · ${proof.dataset}`)),
  );
}

function showLevels(counts) {
  const buttons = ["informational", ...LEVELS.slice(0, 4).reverse()].map((level) => {
    const number = LEVELS.slice(0, LEVELS.indexOf(level) + 1).reduce((sum, name) => sum + counts[name], 0);
    const name = level === "informational" ? text().all : `${SHAPES[level]} ≥ ${text().levels[level]}`;
    const button = element("button", { type: "button", "aria-pressed": String(level === view.level) }, `${name} ${number}`);
    button.addEventListener("click", () => { view.level = level; view.shown = PAGE; remember(); refresh(); });
    return button;
  });
  $("levels").replaceChildren(...buttons);
}

function showLedger(ledger) {
  const delivered = ledger.totals.delivered || { total: 0, parts: { pending: 0 } };
  const waiting = delivered.parts.pending ? text().pending(delivered.parts.pending) : "";
  $("ledger").textContent = (ledger.complete ? text().complete(delivered.total) : text().incomplete(ledger.missing)) + waiting;
  $("ledger").className = ledger.complete ? "" : "incomplete";
}

let last = "";
async function refresh() {
  try {
    const [page, ledger] = await Promise.all([ask(`alerts?level=${view.level}&limit=${Math.min(view.shown, 1000)}`), ask("ledger")]);
    $("token-form").hidden = true;
    showLedger(ledger);
    const now = JSON.stringify([page, view.language]);
    if (now !== last) {
      // Rows are made again only when something changed, so that an opened row stays open.
      const open = new Set([...document.querySelectorAll("details[open]")].map((item) => item.closest("tr").dataset.id));
      showLevels(page.levels);
      $("alerts").tBodies[0].replaceChildren(...page.alerts.map(row));
      for (const item of $("alerts").tBodies[0].rows) if (open.has(item.dataset.id)) item.querySelector("details").open = true;
      last = now;
    }
    $("alerts").hidden = page.alerts.length === 0;
    $("more").hidden = page.after === null || view.shown >= 1000;
    $("state").className = "";
    $("state").textContent = page.alerts.length ? text().total(page.total) : text().empty;
  } catch (error) {
    const denied = error.message === "denied";
    $("token-form").hidden = !denied;
    $("state").className = "error";
    $("state").textContent = denied ? text().denied : error instanceof TypeError ? text().lost : error.message;
  }
}

$("language").addEventListener("click", () => { view.language = view.language === "zh" ? "en" : "zh"; remember(); words(); refresh(); });
$("more").addEventListener("click", () => { view.shown += PAGE; refresh(); });
$("token-form").addEventListener("submit", (event) => { event.preventDefault(); sessionStorage.setItem("token", $("token").value.trim()); refresh(); });
remember();
words();
$("state").textContent = text().loading;
refresh();
setInterval(refresh, EVERY);
