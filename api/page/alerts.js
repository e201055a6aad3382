// Alerts, newest first, with the place of their evidence.
import { PAGE, choices, element, local, pairs, remember, state, table, text } from "/client.js";

const SHAPES = { critical: "◆", high: "▲", medium: "■", low: "●", informational: "○", suppressed: "–" };
const LEVELS = ["critical", "high", "medium", "low", "informational"];

export function mark(level) {
  return element("span", { class: `level ${level}`, "data-shape": SHAPES[level] }, text().levels[level]);
}

export function title(rule) {
  return (state.language === "zh" && rule.title_zh) || rule.title;
}

export const place = (proof) => text().place[proof.position.unit].replace("{n}", proof.position.number);
export const file = (proof) => proof.source.name.split("/").pop();

function row(alert) {
  const proof = alert.evidence[0];
  const said = Object.entries(proof.summary);
  const fields = element("details", { "data-key": alert.id }, element("summary", {}, text().details), pairs(said));
  return element(
    "tr", {},
    element("td", { class: "time" }, local(alert.time)),
    element("td", {}, mark(alert.level)),
    element("td", {}, title(alert.rule), element("small", {}, alert.attack.join(" · "))),
    element("td", { class: "what" }, said.slice(0, 4).map(([, value]) => value).join("  "), fields),
    element("td", {}, file(proof), element("small", {}, `${place(proof)} · ${proof.dataset}`)),
  );
}

function levels(counts, again) {
  const options = ["informational", "low", "medium", "high", "critical"].map((level) => {
    const number = LEVELS.slice(0, LEVELS.indexOf(level) + 1).reduce((sum, name) => sum + counts[name], 0);
    return [level, `${level === "informational" ? text().all : `${SHAPES[level]} ≥ ${text().levels[level]}`} ${number}`];
  });
  return choices(options, state.level, (level) => { state.level = level; state.shown = PAGE; remember(); again(); });
}

export const alerts = {
  paths: () => [`alerts?level=${state.level}&limit=${Math.min(state.shown, 1000)}`],
  show([page], again) {
    const { time, level, rule, what, evidence } = text();
    const rows = page.alerts.map(row);
    return [levels(page.levels, again), ...(rows.length ? [table("alerts", [time, level, rule, what, evidence], rows)] : [])];
  },
  said: ([page]) => (page.alerts.length ? text().total(page.total) : text().noAlerts),
  more: ([page]) => page.after !== null && state.shown < 1000,
};
