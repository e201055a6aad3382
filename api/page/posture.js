// How the city stands: the score with how much of it could be seen, and every lost point with what took it.
import { ask, choices, element, opening, remember, state, table, text } from "/client.js";

const KINDS = ["district", "unit", "tenant", "sector"];

const points = (number) => number.toFixed(1);
const taken = (number) => `${number < 0 ? "+" : "−"}${points(Math.abs(number))}`;
const share = (number) => `${(100 * number).toFixed(1)} %`;

function gauge(name, value, shown) {
  return element("span", { class: "gauge" }, element("meter", { low: 0.6, high: 0.8, optimum: 1, value, "aria-label": name }), shown);
}

function course(past) {
  if (past.length < 2) return [];
  const drawn = element("figure");
  drawn.innerHTML = '<svg viewBox="-2 -2 244 64" role="img"><polyline /></svg>';
  const place = (one, index) => `${(240 * index) / (past.length - 1)},${60 - 0.6 * one.score}`;
  drawn.querySelector("polyline").setAttribute("points", past.map(place).join(" "));
  drawn.firstChild.setAttribute("aria-label", past.map((one) => points(one.score)).join(", "));
  drawn.append(element("figcaption", {}, text().course(past.length)));
  return [drawn];
}

async function lost(kind, name) {
  const found = await ask(`posture/${kind}/${encodeURIComponent(name)}?limit=100`);
  if (!found.items.length) return [element("p", { class: "quiet" }, text().none)];
  const items = found.items.map((item) => element("li", {}, element("b", {}, taken(item.points)), ` ${item.text}`, element("small", {}, item.computed)));
  const cut = found.total > items.length ? [element("p", { class: "quiet" }, text().shownOf(items.length, found.total))] : [];
  return [element("ul", { class: "lost" }, ...items), ...cut];
}

function row(one) {
  return element(
    "tr", {},
    element("td", {}, one.name_text, opening(`${one.kind}/${one.name}`, text().lostPoints, () => lost(one.kind, one.name))),
    element("td", { class: `grade ${one.grade}` }, gauge(text().score, one.score / 100, points(one.score)), element("small", {}, one.grade_text)),
    element("td", {}, gauge(text().coverage, one.coverage, share(one.coverage)), element("small", {}, `${one.seen} / ${one.declared}`)),
    element("td", {}, points(one.lost.happened)),
    element("td", {}, points(one.lost.unseen)),
    element("td", {}, text().sure[one.confidence]),
  );
}

function city(posture, past) {
  const one = posture.city;
  const { score, coverage, happened, unseen, confidence } = text();
  const said = [
    [coverage, `${share(one.coverage)} (${one.seen} / ${one.declared})`],
    [happened, points(one.lost.happened)], [unseen, points(one.lost.unseen)], [confidence, text().sure[one.confidence]],
  ];
  return element(
    "section", { class: "city" },
    element("div", { class: `score grade ${one.grade}` }, element("b", { "aria-label": score }, points(one.score)), element("span", {}, `${text().city} · ${one.grade_text}`)),
    element("dl", {}, ...said.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])),
    ...course(past.history),
    element("p", { class: "quiet" }, ...(posture.hint ? [`${posture.hint} `] : []), posture.policy.text),
    opening("city/", text().lostPoints, () => lost(one.kind, one.name)),
  );
}

export const posture = {
  paths: () => [`posture?by=${state.by}&limit=${Math.min(state.shown, 1000)}`, "posture/history"],
  show([found, past], again) {
    const { scope, score, coverage, happened, unseen, confidence, kinds } = text();
    const choice = choices(KINDS.map((kind) => [kind, kinds[kind]]), state.by, (kind) => { state.by = kind; remember(); again(); });
    const rows = found.scopes.map(row);
    const made = rows.length ? [table("scopes", [scope, score, coverage, happened, unseen, confidence], rows)] : [];
    return [city(found, past), choice, ...made];
  },
  said: ([found]) => (found.total ? text().total(found.total) : text().noScopes),
  more: ([found]) => found.scopes.length < found.total && state.shown < 1000,
};
