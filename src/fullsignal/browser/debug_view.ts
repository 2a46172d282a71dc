/* The panel. Built of elements and their text only: no markup, no handlers in attributes, nothing a strict
   Content-Security-Policy or Trusted Types would refuse. */

import { hidden, type Problem, type Seen, type State } from "./debug_state";
import { STYLE } from "./debug_style";
import type { Line } from "./types";

export interface Panel {
  show(state: State): void;
  remove(): void;
}

/* Colour and, because colour alone tells some people nothing, the word itself. */
const LOOK: Record<string, string> = {
  ...{ accepted: "good", requested: "good", called: "good", go: "good", granted: "good" },
  ...{ held: "wait", collected: "wait", sent: "wait", waiting: "wait", hold: "wait", bare: "wait", duplicate: "wait" },
  ...{ dropped: "bad", rejected: "bad", blocked: "bad", drop: "bad", denied: "bad" },
};
const MODES = {
  "": "waits for its settings",
  go: "sends and stores",
  bare: "sends, and stores nothing",
  hold: "waits for consent",
  drop: "sends nothing and keeps nothing",
};
const WORDS = ["ad_user_data", "ad_storage", "ad_personalization"] as const;

export function panel(closed: () => void): Panel {
  const host = document.createElement("fullsignal-debug");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const sum = el("span", "sum");
  sum.setAttribute("role", "status");
  const fold = el("button", "", "Hide");
  const close = el("button", "", "Close");
  const facts = el("dl");
  const events = section("Events", true);
  const sections = {
    settings: section("Settings"),
    answer: section("The collector's last answer"),
    lines: section("All lines"),
  };
  const body = el("div", "body", facts, events.box, ...Object.values(sections).map((one) => one.box));
  body.id = "body";
  body.tabIndex = -1;
  const box = el("section", "panel", el("header", "", el("h2", "", "fullsignal"), sum, fold, close), body);
  box.setAttribute("aria-label", "fullsignal debug");
  fold.setAttribute("aria-controls", body.id);
  root.append(box);
  document.documentElement.append(host);

  const setFolded = (folded: boolean) => {
    box.classList.toggle("folded", folded);
    fold.setAttribute("aria-expanded", String(!folded));
    fold.textContent = folded ? "Show" : "Hide";
  };
  const remove = () => {
    host.remove();
    closed();
  };
  fold.addEventListener("click", () => setFolded(!box.classList.contains("folded")));
  close.addEventListener("click", remove);
  box.addEventListener("keydown", (e) => {
    if (e.key != "Escape") return;
    setFolded(true);
    fold.focus();
  });
  setFolded(false);

  const rows = new Map<Seen, ReturnType<typeof row>>(); // kept, so that what is unfolded stays so
  const show = (state: State) => {
    const rejected = state.events.filter((one) => one.problems.length).length;
    sum.textContent = `${count(state.events.length, "event")}${rejected ? `, ${rejected} rejected` : ""}`;
    facts.replaceChildren(...factsOf(state));
    const boxes = state.events.map((one) => {
      const shown = rows.get(one) || row();
      rows.set(one, shown);
      shown.show(one);
      return shown.box;
    });
    events.fill(boxes.reverse(), boxes.length);
    sections.settings.fill(state.settings ? [el("pre", "", hidden(state.settings))] : []);
    sections.answer.fill(state.answer ? [lineOf(state.answer), el("pre", "", hidden(state.answer.data))] : []);
    sections.lines.fill(state.lines.map(lineOf).reverse(), state.lines.length);
  };
  return { show, remove };
}

/* ---- its parts ------------------------------------------------------------------------------------- */

function factsOf(state: State): Node[] {
  const facts: Node[] = [];
  const fact = (name: string, ...value: (Node | string)[]) => facts.push(el("dt", "", name), el("dd", "", ...value));
  fact("Visitor", state.visitor ? el("code", "", state.visitor) : "none yet");
  fact("Script", state.mode ? badge(state.mode) : "", ` ${MODES[state.mode]}`);
  if (state.heard) {
    const { consent, from, optedOut } = state.heard;
    for (const word of WORDS) fact(word, badge(consent[word] || "unknown"));
    fact("Said by", from ? from.replace(/_/g, " ") : "nobody yet");
    if (optedOut) fact("Opted out", "yes: Global Privacy Control, or the shop's own choice");
  }
  const pixel = state.settings && state.settings.pixel;
  if (state.settings) fact("Pixel", pixel ? el("code", "", pixel.code) : "not loaded by this script");
  for (const problem of state.problems.slice(-3)) facts.push(el("dt", "", "Problem"), el("dd", "", problem.text));
  return facts;
}

function row() {
  const summary = el("summary");
  const details = el("div");
  const box = el("details", "event", summary, details) as HTMLDetailsElement;
  let known = false;
  const show = (one: Seen) => {
    const pixel = one.pixel ? [badge(one.pixel, `pixel ${one.pixel}`)] : [];
    summary.replaceChildren(
      el("span", "name", one.name || "event"),
      badge(one.state),
      ...pixel,
      clock(one.at),
      el("code", "id", one.id),
    );
    details.replaceChildren(...one.problems.map(trouble), el("pre", "", hidden(one.data)));
    if (one.problems.length && !known) box.open = known = true; // once: it may be folded again
  };
  return { box, show };
}

function trouble(problem: Problem): Node {
  const what = `${problem.field ? `${problem.field}: ` : ""}${problem.message}`;
  return el("div", "trouble", el("b", "", what), el("div", "", problem.remedy || ""));
}

function lineOf(line: Line): Node {
  return el("div", "line", el("span", "kind", line.kind), el("span", "text", line.text), clock(line.at));
}

function section(title: string, open = false) {
  const counted = el("span", "count");
  const inside = el("div");
  const box = el("details", "section", el("summary", "", title, counted), inside) as HTMLDetailsElement;
  box.open = open;
  const fill = (nodes: Node[], many?: number) => {
    counted.textContent = many === undefined ? "" : String(many);
    inside.replaceChildren(...(nodes.length ? nodes : [el("div", "empty", "Nothing yet.")]));
  };
  return { box, fill };
}

function badge(word: string, text = word): Node {
  return el("span", `badge ${LOOK[word] || ""}`, text);
}

function clock(at: number): Node {
  const time = el("time", "", new Date(at).toTimeString().slice(0, 8));
  time.setAttribute("datetime", new Date(at).toISOString());
  return time;
}

function count(many: number, what: string): string {
  return `${many} ${what}${many == 1 ? "" : "s"}`;
}

function el(tag: string, name = "", ...inside: (Node | string)[]): HTMLElement {
  const one = document.createElement(tag);
  if (name) one.className = name;
  one.append(...inside);
  return one;
}
