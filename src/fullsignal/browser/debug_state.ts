/* What the lines of fullsignal.log add up to: one record for each event, and the last word on everything else. */

import type { Fields, Heard, Line, Mode } from "./types";

export interface Seen {
  id: string;
  name: string;
  at: number; // ms
  state: string; // collected, held, sent, dropped, or what the collector answered: accepted, duplicate, rejected
  pixel: string; // how far TikTok's pixel got with it, "" where nothing was seen
  problems: Problem[];
  data: Fields; // the script's own object: another copy of the event adds to it, and may give it another id
}

/* As the collector answers. */
export interface Problem {
  message: string;
  remedy?: string;
  field?: string;
}

export interface State {
  events: Seen[];
  visitor: string;
  mode: Mode | "";
  heard: Heard | null;
  settings: Fields | null;
  answer: Line | null;
  problems: Line[];
  lines: Line[];
}

const EVENTS_MAX = 200;
const LINES_MAX = 500;
const AFTER: Record<string, string> = { held: "held", sent: "sent", dropped: "dropped" };
const PIXEL = /\b(absent|waiting|blocked|called|requested)\b/;

export const empty = (): State => ({
  events: [],
  visitor: "",
  mode: "",
  heard: null,
  settings: null,
  answer: null,
  problems: [],
  lines: [],
});

export function add(state: State, line: Line): void {
  const last = line.text.split(" ").pop() as string;
  const data = (line.data || {}) as Fields;
  state.lines = [...state.lines, line].slice(-LINES_MAX);
  for (const one of state.events) one.id = String(one.data.event_id || one.id);
  if (line.kind == "event") event(state, line, data);
  else for (const one of state.events) follow(one, line);
  if (line.kind == "visitor") state.visitor = last;
  if (line.kind == "settings") state.settings = data;
  if (line.kind == "answer") state.answer = line;
  if (line.kind == "problem") state.problems.push(line);
  if (line.kind == "consent") {
    state.mode = line.text.split(/\W/)[0] as Mode;
    state.heard = data as Heard;
  }
}

function event(state: State, line: Line, data: Fields): void {
  if (state.events.some((one) => one.data == data)) return;
  const { event: name, event_id: id } = data;
  const seen: Seen = { id: String(id), name, at: line.at, state: "collected", pixel: "", problems: [], data };
  state.events = [...state.events, seen].slice(-EVENTS_MAX);
}

/* A line names an event in its text, in a list of ids, or in a result or a sighting. */
function follow(one: Seen, line: Line): void {
  const found = named(line.data, one.id);
  if (!found && !line.text.split(/[\s:,]+/).includes(one.id)) return;
  one.state = AFTER[line.kind] || one.state;
  if (line.kind == "pixel") one.pixel = ((found && found.state) || (PIXEL.exec(line.text) || [])[0] || one.pixel) as string;
  if (line.kind == "answer" && found) {
    one.state = found.status || "answered";
    one.problems = found.errors || [];
  }
}

function named(data: unknown, id: string, depth = 0): Fields | undefined {
  if (data === id) return {};
  if (!data || typeof data != "object" || depth > 3) return;
  if ((data as Fields).event_id == id) return data as Fields;
  for (const one of Object.values(data as Fields)) {
    const found = named(one, id, depth + 1);
    if (found) return found;
  }
  return;
}

/* The same data without what people typed, for a screen that others may see. */
export function hidden(data: unknown): string {
  const secret = /^(email|phone|first_name|last_name|external_id|zip|city)$/;
  const hide = (key: string, value: unknown) => (secret.test(key) && !isHash(value) ? "(hidden here)" : value);
  return JSON.stringify(data, hide, 2) || "";
}

function isHash(value: unknown): boolean {
  return ([] as unknown[]).concat(value).every((one) => /^[0-9a-f]{64}$/.test(String(one)));
}
