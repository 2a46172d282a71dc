/* TikTok's pixel, loaded and called by us where a site asks for it: every event goes to it under the name and id
   that the server sends. Where the page has a pixel of its own, that one is paired (pair.ts), and none loaded. */

import type { Entry } from "./events";
import { guard, keep, kept, log, mayStore, reread, script, state } from "./core";
import { hashUser } from "./hash";
import { pixelName } from "./pixel_names";
import { toPixel } from "./pixel_shape";
import { tell } from "./pair";
import type { Fields, User } from "./types";

/* Every method that may be called before the script has loaded. Consent's three are queued only if listed. */
const METHODS = (
  "page track identify instances debug on off once ready alias group enableCookie disableCookie " +
  "holdConsent revokeConsent grantConsent"
).split(" ");

const DONE_MAX = 20;
const SRC = "https://analytics.tiktok.com/i18n/pixel/events.js";

const page = window as any;
let code = ""; // of the pixel that we loaded
let hashing: Promise<unknown> | undefined; // of who it is
let queue: Promise<unknown> | undefined; // calls that wait for it
let isWithdrawn = false;
let said = ""; // of cookies

/* Consent has come, or come back. */
export function allow(): void {
  const { pixel } = state.settings;
  const cookies = state.mode == "bare" ? "disableCookie" : "enableCookie";
  if (!pixel) return;
  if (code) {
    if (isWithdrawn) page.ttq.grantConsent();
    if (cookies != said) page.ttq[cookies]();
    isWithdrawn = false;
    said = cookies;
    return;
  }
  if (page.ttq) return log("pixel", "the page's own");
  // The page may have given the code alone.
  const { src, names, ...told }: Fields = { src: SRC, ...(typeof pixel == "string" ? { code: pixel } : pixel) };
  code = told.code;
  Object.assign(state.settings.names, names);
  prepare(src);
  page.ttq[(said = cookies)]();
  script(`${src}?sdkid=${code}&lib=ttq`);
}

export function withdraw(): void {
  if (!code) return;
  isWithdrawn = true;
  page.ttq.revokeConsent();
}

/* The queue that TikTok's script expects: an array whose methods push their own name and arguments; the same for
   each pixel, in _i; options in _o, times in _t. */
function prepare(src: string): void {
  const { settings, heard } = state;
  const put = (bag: any, method: string) => {
    bag[method] = (...args: unknown[]) => void bag.push([method, ...args]);
  };
  const bag: any = [];
  const ttq: any = [];
  for (const method of METHODS) put(ttq, method), put(bag, method);
  bag._u = src;
  page.TiktokAnalyticsObject = "ttq";
  page.ttq = Object.assign(ttq, {
    methods: METHODS,
    setAndDefer: put,
    instance: () => bag,
    _i: { [code]: bag },
    _t: { [code]: Date.now() },
    _o: {
      [code]: {
        historyObserver: false, // views are ours
        limited_data_use: (heard.optedOut || settings.opted_out) && settings.opt_out == "limit",
      },
    },
  });
}

/* Advanced matching. The pixel hashes all but external_id. */
export function introduce(user: User): void {
  if (!code) return;
  const introduced = hashUser(user).then((hashed: Fields) => {
    const told: Fields = {};
    for (const [ours, theirs] of [["email", "email"], ["phone", "phone_number"], ["external_id", ""]]) {
      const [hash] = [].concat(hashed[ours]) as string[];
      const [raw] = [].concat((user as Fields)[ours]) as string[];
      if (hash) told[theirs ? "sha256_" + theirs : ours] = hash;
      else if (theirs && raw && !state.settings.hash_in_browser) told[theirs] = raw;
    }
    page.ttq.identify(told);
  });
  hashing = introduced.catch(() => {});
}

/* Tells the pixel of an event that the page did not tell it. A purchase only once, also when its page is loaded
   again; a view only while it is the page's, for it would be counted as one of this address. */
export function report(one: Entry): void {
  const { event, ours, fixed } = one;
  const isView = ours == "page_view";
  const name = pixelName(ours, event.event);
  if (!code || fixed || name == "-" || (isView && event.page.url != location.href)) return;
  if (ours == "purchase" && wasDone(event.event_id)) return;
  one.fixed = true;
  const call = guard(() =>
    tell(one, () => (isView ? page.ttq.page() : page.ttq.track(name, toPixel(event), { event_id: event.event_id }))),
  );
  // Who it is, is said before what happened.
  if (!state.busy && !hashing) return call();
  queue = Promise.resolve(queue).then(() => state.busy).then(() => hashing).then(call, call);
}

/* Whether our pixel was told of this purchase before, on this page or an earlier one; from now on it was. */
function wasDone(id: string): boolean {
  if (mayStore()) reread();
  const done = kept.done || [];
  if (done.indexOf(id) >= 0) return true;
  kept.done = [...done, id].slice(-DONE_MAX);
  if (mayStore()) keep();
  return false;
}
