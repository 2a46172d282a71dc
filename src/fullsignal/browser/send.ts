/* Beacons: when they leave, what they hold, and what becomes of what was not confirmed.

   Where consent lets us store, what is not confirmed is also kept for the next page, in case this one dies first;
   without the person's identifiers, which stay in memory. Two tabs may send the same event: its id makes it one. */

import { entries, guard, hooks, kept, log, maySend, mayStore, recall, state, write } from "./core";
import { visitor } from "./who";
import type { Entry } from "./events";
import { json } from "./json";
import type { Fields } from "./types";
import { adopt, ids, remove } from "./visit";

const EVENTS_MAX = 50; // of a beacon
const BYTES_MAX = 6e4; // of a beacon; browsers take 64 KiB at once from all that outlive a page
const ENVELOPE_BYTES = 8e3; // set aside for what is around the events
const OUTBOX = "_fs_q";
const OUTBOX_MAX = 2e5; // characters

/* All in ms. */
const TICK = 100;
const NEWS = 3000; // what is no event waits so long for one to travel with
const ANSWER = 3e4;
const UNCONFIRMED = 1e4; // after a beacon whose answer nobody hears
const ALIVE = 1500; // younger events may be under way from a page that is open still
const UNHEARD = 3000; // longest that an event waits for fs-more.js, to go with who it is
const BACKOFF = 2000;
const BACKOFF_MAX = 6e4;

let awaited: unknown; // the page's latest call that fs-more.js must hear, as identify()
let unheard = 0; // ms, until when it is waited for
const links: Record<string, string> = {};
let news = 0; // ms, when something came up that is no event
let isLinked = false; // and it is among the links
let gone = ""; // the visitor to be forgotten
let busy = 0; // ms, until when an answer is waited for
let failures = 0;
let until = 0; // ms, before which the server is left alone
let timer: any;

/* An event is to be sent, after a moment for others to travel with it. */
export function enqueue(one: Entry): void {
  one.due = Date.now();
  const { busy } = state;
  if (busy && busy != awaited) {
    awaited = busy;
    unheard = one.due + UNHEARD;
    const heard = () => busy == awaited && (unheard = 0);
    busy.then(heard, heard);
  }
  soon();
}

/* What earlier pages left behind goes with what this one has to send. */
export function recover(): void {
  for (const one of others()) {
    one.old = one.fixed = true;
    one.away = one.event.event_time + ALIVE;
    entries.push(one);
  }
  soon();
}

/* The pixel's state has changed, or a link: the server should know soon. */
export function tellSoon(link?: Record<string, string>): void {
  news = news || Date.now();
  isLinked = !!link || isLinked;
  Object.assign(links, link);
  soon();
}

/* One last beacon, which tells nothing but that this visitor is to be forgotten. */
export function tellForgotten(whom: string): void {
  gone = whom || gone;
  remove(OUTBOX);
  soon();
}

/* Of the outbox, what is of other pages; a page may have written rubbish there. */
function others(): Entry[] {
  const found: Entry[] = [].concat(recall(OUTBOX) || []);
  return found.filter((other) => other && other.event && !entries.some((one) => one.key == other.key));
}

/* The outbox as it should be now. */
function keep(): void {
  if (!mayStore()) return;
  const all = others().concat(entries.filter((one) => !one.done));
  while (json(all).length > OUTBOX_MAX) all.shift();
  write(OUTBOX, all);
}

function soon(): void {
  timer = timer || setTimeout(tick, Math.max(TICK, until - Date.now()));
}

const tick = guard(() => {
  timer = 0;
  hooks.look();
  flush();
  keep();
  if (gone || (maySend() && (news || entries.some((one) => !one.done)))) soon();
});

/* Sends what is ripe; everything when the page is left. */
export function flush(leaving?: boolean): void {
  const now = Date.now();
  if (leaving) keep();
  // A page that is made ready and not shown yet may never be a visit.
  if ((document as any).prerendering || now < until || (!leaving && now < busy)) return;
  if (gone) return post([], [], leaving);
  if (!maySend()) return;
  let bytes = ENVELOPE_BYTES;
  const batch = entries
    .filter((one) => !one.done && !(one.away! > now) && (leaving || isRipe(one)))
    .filter((one, i) => (bytes += size(one.event)) < BYTES_MAX || !i)
    .slice(0, EVENTS_MAX);
  const isNews = news && (leaving || batch[0] || now - news > NEWS);
  const late = isNews ? hooks.untold().slice(0, EVENTS_MAX) : [];
  if (isNews) news = 0;
  if (batch[0] || late[0] || (isNews && isLinked)) post(batch, late, leaving);
  if (leaving && batch[0]) flush(true);
}

/* Who it is was said before what happened, and goes with it. Else a sale is not kept waiting, unless the pixel may
   still say what became of it; a view waits longest for that. */
function isRipe(one: Entry): boolean {
  const least = one.ours == "purchase" ? 100 : 1000;
  const most = one.ours == "page_view" ? 2500 : 1000;
  const now = Date.now();
  return now > unheard && now - one.due >= (hooks.isSettled(one) ? least : most);
}

const size = (value: unknown) => new Blob([json(value)]).size;

function post(batch: Entry[], late: Entry[], leaving?: boolean): void {
  const { settings, heard, base, key } = state;
  const told = [...batch, ...late].map((one) => ({ one, seen: hooks.sighting(one)! })).filter(({ seen }) => seen);
  const forgotten = gone;
  const { renew } = kept;
  const body: Fields = {
    v: 1,
    sent_at: Date.now(),
    visitor: gone || visitor(),
    store: mayStore(),
    forget: !!gone,
    renew,
    consent: heard.consent,
    opted_out: heard.optedOut || settings.opted_out,
    events: batch.map(wire),
    sightings: told.map(({ seen }) => seen),
  };
  if (mayStore()) Object.assign(body, { links, first: kept.first, last: kept.last, ids: ids() });
  // An unpaired surrogate, which a cut text may end with, is no JSON for the server.
  const text = json(body).replace(/\\\\|\\ud[89a-f]../g, (found) => (found[1] == "u" ? "?" : found));
  const url = `${base}b?key=${key}`;
  const events = batch.map((one) => one.event.event_id);
  log("sent", events.length + " events", events);

  isLinked = false;
  const isHandedOver = leaving && navigator.sendBeacon && navigator.sendBeacon(url, text);
  for (const one of batch) one.away = Date.now() + (isHandedOver ? UNCONFIRMED : ANSWER);
  if (isHandedOver) return;

  const retry = (after: unknown) => {
    const pause = Math.min(BACKOFF * 2 ** failures++, BACKOFF_MAX) * (0.5 + Math.random());
    until = Date.now() + Math.max(+(after as string) * 1000 || 0, pause);
    busy = 0;
    for (const one of batch) one.away = 0;
    soon();
  };
  const settle = () => {
    busy = failures = 0;
    if (gone == forgotten) gone = "";
    for (const one of batch) one.done = !!one.away; // else it is to go again
    for (const { one, seen } of told) if (one.seen) one.seen.told = seen.state;
    if (hooks.untold()[0]) news = news || Date.now();
    soon();
  };
  busy = Date.now() + ANSWER;
  // One that is larger would be refused for ever.
  const keepalive = size(body) < BYTES_MAX;
  fetch(url, { method: "POST", body: text, keepalive, credentials: "include" }).then(async (answer) => {
    const { status, headers } = answer;
    // What is refused stays refused; what was too much or out of order may be taken later.
    if (status == 429 || status > 499) retry(headers.get("retry-after"));
    else settle();
    const said = await answer.json().catch(() => ({}));
    log("answer", "HTTP " + status, said);
    // The answer to what was sent before a logout knows who was here before.
    if (forgotten || kept.renew != renew) return;
    if (status < 400) kept.renew = undefined;
    adopt(said.visitor);
  }, retry);
}

/* An event as it travels: with the person, unless it is of an earlier page, and without what bare consent
   forbids. */
function wire({ event: { page, ...event }, old }: Entry): Fields {
  const bare = (url: string) => (mayStore() ? url : url.split(/[?#]/)[0]);
  if (page.url == location.href) page.title = document.title; // single-page shops set it later
  return {
    ...event,
    page: { ...page, url: bare(page.url), referrer: bare(page.referrer) },
    user: old ? undefined : { ...state.user, locale: navigator.language },
  };
}
