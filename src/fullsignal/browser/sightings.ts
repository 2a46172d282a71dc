/* What the page's TikTok pixel did with our events, as far as a script can see. Nothing here calls the pixel. */

import { hooks, entries, guard, push, say, state, view } from "./core";
import type { Entry } from "./events";
import type { PixelState, Sighting } from "./types";

const RISING: PixelState[] = ["absent", "waiting", "blocked", "called", "requested"];
const SCRIPT = "/i18n/pixel/events.js";
/* Not /act, where clicks go that the pixel collects on its own. */
const REQUEST = /\/api\/v2\/(shopify_)?pixel(\/track)?\/?(\?|$)/;
const LOAD_MS = 5000;
const LOOK_MS = 250;

const page = window as any;
let isReady = false; // the pixel's script called us back
let isAsked = false;
let isFailed = false;
let wanted = 0; // ms, when its script was first seen on the page
let timer: any;

/* Whether a pixel has to do with us at all. */
const isUsed = () => state.settings.pixel || state.settings.pair;

/* Whether events.js has taken over what the page's snippet made: an array with the methods of one. */
export const isTaken = () => isReady || !Array.isArray(page.ttq) || (page.ttq.push != [].push && page.ttq.push != push);

export function watchPixel(): void {
  // They do not bubble, but they come by on their way down.
  for (const type of ["load", "error"]) {
    document.addEventListener(
      type,
      ({ target }: any) => {
        if (("" + target.src).indexOf(SCRIPT) < 0) return;
        isFailed = isFailed || type == "error";
        look();
      },
      true,
    );
  }
  look();
  new PerformanceObserver((list) => list.getEntries().forEach(onRequest)).observe({ type: "resource", buffered: true });
}

/* Looks for the pixel's script, until it has taken over or is given up. */
export const look = guard(() => {
  const { ttq } = page;
  clearTimeout(timer);
  if (!ttq) return;
  if (!isAsked && ttq.ready) {
    isAsked = true;
    ttq.ready(() => {
      isReady = true;
      look();
    });
  }
  if (!wanted && document.querySelector(`script[src*="${SCRIPT}"]`)) wanted = Date.now();
  isFailed = isFailed || !!(wanted && Date.now() - wanted > LOAD_MS);
  const now = isTaken() ? "called" : isFailed ? "blocked" : "waiting";
  for (const one of entries) {
    // A script that did not load has not told of what nobody called it for, either.
    if (now == "blocked" && !one.seen) one.seen = { state: "absent", told: "absent", name: "", pixel: "", at: one.at };
    raise(one, now);
  }
  if (now == "waiting") timer = setTimeout(look, LOOK_MS);
});

/* The pixel was handed this event, under this name. */
export function see(one: Entry, name: string, code?: string): void {
  const pixel = code || Object.keys(page.ttq._i || {})[0] || "";
  const { seen } = one;
  if (!seen || !seen.name) one.seen = { state: "absent", told: "absent", ...seen, name, pixel, at: Date.now() };
  look();
}

function raise(one: Entry, to: PixelState): void {
  const { seen, old } = one;
  if (!seen || old || RISING.indexOf(to) <= RISING.indexOf(seen.state) || (to != "blocked" && !seen.name)) return;
  seen.state = to;
  say("pixel", one, to);
  hooks.tellSoon();
}

/* A request of the pixel has come to its end. A fetch or XHR that was blocked has no status; a beacon never has
   one, so that a blocked one looks like any other (Chromium 156). What a page's policy forbids takes no time at
   all, or is not listed. */
const onRequest = guard((entry: any) => {
  const isSent = /^[fx]/.test(entry.initiatorType) ? entry.responseStatus !== 0 : entry.duration;
  if (!isSent || !REQUEST.test(entry.name) || !page.ttq || !isTaken()) return;
  // The pixel reports views by itself, before we came and where a single-page shop changes its address.
  if (view && !view.seen && view.start <= entry.startTime) see(view, "Pageview");
  look();
  entries.forEach((one) => one.start <= entry.startTime && raise(one, "requested"));
});

/* The page told its pixel of a view. */
export function seeView(code: string): void {
  if (view && !view.seen) see(view, "Pageview", code);
}

/* Whether nothing more will be heard of this event that would be worth a delay. */
export function isSettled(one: Entry): boolean {
  if (one.seen) return /^[rb]/.test(one.seen.state);
  // A view waits for a pixel that a tag manager brings a little later.
  return !isUsed() || (!page.ttq && one != view);
}

/* What there is to tell of an event; `absent` where no pixel is on the page. */
export function sighting({ seen, ours, event, at, old }: Entry): Sighting | undefined {
  if (!isUsed() || (!seen && (old || page.ttq))) return;
  const { told, ...found } = seen || { told: 0, name: "", pixel: "", state: "absent" as PixelState, at };
  return { event: ours, event_id: event.event_id, ...found };
}

/* Events that the server has, while it does not know what the pixel did since. */
export const untold = () => entries.filter((one) => one.done && one.seen && one.seen.told != one.seen.state);
