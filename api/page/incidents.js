// Incidents with what their severity is made of, and the reason for which each alert is in them.
import { ask, element, local, opening, state, table, text } from "/client.js";
import { file, mark, place, title } from "/alerts.js";

const NAMED = 2;

function first(names, between = ", ") {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(between) + (more > 0 ? ` ${text().others(more)}` : "");
}

function several(counts) {
  return first(Object.keys(counts).map((name) => name.replace(/^(address|unit):/, "")));
}

// What the rules are called that found most, the one that found the most first.
function rules(incident) {
  const ids = Object.keys(incident.rules).sort((one, other) => incident.rules[other] - incident.rules[one]);
  return first(ids.map((id) => incident.titles[id] || id), text().between);
}

async function timeline(id) {
  const found = await ask(`incidents/${id}?limit=50`);
  const parts = found.parts.map((part) => element("li", {}, element("b", {}, `+${part.points}`), ` ${part.text}`));
  const steps = found.timeline.map((alert) => element(
    "li", {},
    element("span", { class: "time" }, local(alert.time)), " ", mark(alert.level), " ", title(alert.rule),
    element("small", {}, alert.reasons.map((reason) => reason.text).join("；")),
    element("small", {}, `${file(alert.evidence[0])} · ${place(alert.evidence[0])}`),
  ));
  const cut = found.after === null ? [] : [element("p", { class: "quiet" }, text().shownOf(steps.length, found.alerts))];
  return [
    element("h3", {}, text().why), element("ul", {}, ...parts),
    element("h3", {}, text().timeline), element("ol", { class: "timeline" }, ...steps), ...cut,
  ];
}

function row(incident) {
  const colour = incident.warning && element("span", { class: `warning ${incident.warning.colour}` }, text().colours[incident.warning.colour]);
  const through = [several(incident.actors), several(incident.victims)].filter(Boolean).join(" → ");
  return element(
    "tr", {},
    element("td", { class: "time" }, local(incident.last)),
    element("td", {}, mark(incident.severity), element("small", {}, incident.score), ...(colour ? [colour] : [])),
    element("td", {}, incident.tactic_texts.join(" → ") || text().noTactic, element("small", {}, rules(incident)), element("small", {}, text().madeOf(incident.alerts, Object.keys(incident.rules).length)), opening(incident.id, text().details, () => timeline(incident.id))),
    element("td", { class: "what" }, through, element("small", {}, several(incident.units))),
    element("td", {}, text().states[incident.state] || incident.state, element("small", {}, incident.assignee || text().unassigned)),
  );
}

export const incidents = {
  paths: () => [`incidents?limit=${Math.min(state.shown, 1000)}`],
  show([page]) {
    const { last, severity, what, who, state: standing } = text();
    return page.incidents.length ? [table("incidents", [last, severity, what, who, standing], page.incidents.map(row))] : [];
  },
  said: ([page]) => (page.incidents.length ? text().total(page.total) : text().noIncidents),
  more: ([page]) => page.after !== null && state.shown < 1000,
};
