/* The events of this page. The same sale is often told by several: the data layer, the shop's own pixel, a call of
   ours. They share one event and one id, so that a platform which hears of it twice counts it once. */

import { log } from "./guard";
import { hooks } from "./hooks";
import { isTikTok, ourName } from "./names";
import { mint } from "./session";
import { state } from "./state";
import type { Fields, Line, PixelState, PublicEvent } from "./types";

const SAME_MS = 3000; // what several senders tell within this time is one event
const EVENTS_MAX = 300;

/* What the pixel did with an event, as far as it was seen. */
export interface Seen {
  state: PixelState;
  told: PixelState; // the state that the server knows
  name: string;
  pixel: string;
  at: number; // ms
}

/* Also kept for the next page, as it is. */
export interface Entry {
  key: string; // stays, where event_id may change
  ours: string; // our name
  event: PublicEvent; // without what belongs to the person
  senders: string[];
  at: number; // ms, when it was first heard of
  start: number; // the same moment in performance.now()
  due: number; // ms, from when on it may be sent
  away?: number; // ms, until when it is under way
  done?: boolean; // the server has it
  chosen?: boolean; // somebody chose its id
  fixed?: boolean; // the pixel has its id already
  old?: boolean; // an earlier page left it behind
  seen?: Seen;
}

export let entries: Entry[] = [];

/* The view that the page is in. */
export let view: Entry | undefined;

/* From now on this is the page's view. The first began with the page. */
export function setView(one: Entry): void {
  if (!view) one.start = 0;
  view = one;
}

export const say = (kind: Line["kind"], one: Entry, more = "") =>
  log(kind, `${one.ours} ${one.event.event_id} ${more}`, one.event);

/* One event as `sender` tells it. `id`: what the page chose for it, or nothing. */
export function collect(called: string, fields: Fields, sender: string, id?: unknown): Entry {
  const ours = ourName(called);
  const known = entries.filter((other) => isSame(other, ours, fields, sender, id))[0];
  const one = known || make(isTikTok(called) ? called : ours, ours);
  const { event } = one;
  let isMore = !known;
  for (const field in fields) {
    if (known && event[field]) continue;
    event[field] = fields[field];
    // What is added later is worth another copy where it is about the sale itself.
    isMore = isMore || /^(order_id|value|items)$/.test(field);
  }
  one.senders.push(sender);
  name(one, id);
  say("event", one, sender);
  if (isMore) again(one);
  return one;
}

/* Named as TikTok names it where the caller did: its copies of an event count once only under one literal name. */
function make(named: string, ours: string): Entry {
  const page = { url: location.href, referrer: document.referrer, title: document.title };
  const at = Date.now();
  const event = { event: named, event_id: mint(), event_time: at, page };
  const one: Entry = { key: event.event_id, ours, event, senders: [], at, start: performance.now(), due: Infinity };
  if (entries.push(one) > EVENTS_MAX) say("dropped", entries.shift()!);
  return one;
}

function isSame(other: Entry, ours: string, fields: Fields, sender: string, id: unknown): boolean {
  if (other.ours != ours) return false;
  const { event_id, order_id } = other.event;
  if (id && id == event_id) return true;
  const isOrder = order_id && fields.order_id;
  if (isOrder && (ours == "purchase" || order_id != fields.order_id)) return order_id == fields.order_id;
  // The shop's pixel cannot be told another id than the one it was called with; others that differ mean it.
  if (id && other.chosen && !/^ttq/.test(sender)) return false;
  return other.senders.indexOf(sender) < 0 && Date.now() - other.at < SAME_MS;
}

/* The event's id, as long as nobody was told another: the one that somebody chose, or that of the order, which is
   the same on every page and on the server. */
function name(one: Entry, id?: unknown): void {
  const { event } = one;
  const { order_ref, purchase_id } = state.settings;
  const [order, number] = [event.order_id, event.order_number].map((ref) => (ref || "").replace(/^#+/, ""));
  const ref = order_ref == "number" ? number || order : order || number;
  let better = id ? ("" + id).slice(0, 255) : "";
  if (!better && !one.chosen && ref && one.ours == "purchase") {
    // Functions, because a $ in an order's number would mean something.
    better = purchase_id.replace("{order_id}", () => ref).replace("{order_number}", () => number);
  }
  if (id) one.chosen = true;
  if (better && !one.fixed && !one.done && !one.away) event.event_id = better;
}

/* Sends an event, or sends it once more with the same id: the server adds what it did not know. */
export function again(one: Entry): void {
  one.done = false;
  one.away = 0;
  hooks.heard(one);
}

/* Everything that is not sent. */
export function drop(): void {
  entries.filter((one) => !one.done).forEach((one) => say("dropped", one));
  entries = entries.filter((one) => one.done);
}
