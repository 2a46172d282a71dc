/* fullsignal's browser script: where its parts meet. docs/browser.md says what it does, types.ts in which words. */

import { publish } from "./api";
import * as core from "./core";
import { decide, watchConsent } from "./consent";
import { look as lookAtLayer, onConsent, watchLayer } from "./datalayer";
import { collect, drop, entries, say, setView } from "./events";
import { guard, log } from "./guard";
import { hooks } from "./hooks";
import { watchPages } from "./pages";
import { more, pixel, sender, until } from "./parts";
import { keep, kept, land } from "./session";
import { toFields } from "./shape";
import { maySend, mayStore, state } from "./state";
import { ttqMayGo, watchTtq } from "./ttq";
import type { Fields, Heard } from "./types";

const SETTINGS_MS = 5000;
const HELD_MAX = 100;

const page = window as any;
const overrides: Fields = {}; // the page's own settings
let isReady = false;
let drain: () => void;
let grantOrDeny: ReturnType<typeof watchConsent>;

/* ---- what the page may call ---- */

const methods = {
  init(given: Fields) {
    Object.assign(overrides, given);
    if (isReady) settle();
  },

  track(name: string, props?: Fields, options?: Fields, callback?: any) {
    const { event_id, callback: then = callback } = Object(options);
    const one = collect(name.trim(), toFields(props!, true), "api", event_id || Object(props).event_id);
    if (props && props.user) page.fullsignal.identify(props.user);
    if (then) then(one.event.event_id);
  },

  page(...args: unknown[]) {
    setView(collect("page_view", toFields(args.filter((one) => Object(one) === one)[0] as Fields, true), "api"));
  },

  reset: () => hooks.reset(),

  /* Only grants are remembered: a site that was told no may ask again. A denial makes everything forgotten. */
  consent(said: any) {
    const own = grantOrDeny(said);
    if (own.ad_storage != "granted") return;
    kept.grant = own;
    keep();
  },
};

/* ---- settings and consent ---- */

/* Called once, with what the server said or, where it says nothing in time, with nothing. Until then everything
   waits: in the stub's queue, in the data layer, in the pixel's queue. */
const ready = guard((given: Fields) => {
  if (isReady) return;
  log("settings", "", given);
  Object.assign(state.settings, given);
  settle();
  const { forms, cart, analytics_alias, data_layer, page_views, pair } = state.settings;
  if (!pair) drop(); // nobody but a pixel was heard so far
  // Each by itself: a page in which one of them fails has the others.
  if (page_views) guard(watchPages)();
  guard(watchLayer)(data_layer, page.fullsignal.identify);
  guard(ttqMayGo)();
  grantOrDeny = watchConsent(state.settings, onConsent, hear);
  if (kept.grant) grantOrDeny(kept.grant);
  drain();
  isReady = true;
  apply();
  if (forms[0]) more().then(() => hooks.forms());
  if (cart && page.Shopify) page.fullsignal.cart();
  if (analytics_alias) more().then(() => hooks.alias());
});

/* The site's settings under the page's own. */
function settle(): void {
  const { settings } = Object.assign(state, { settings: { ...state.settings, ...overrides } });
  if (settings.pixel) pixel().then(catchUp);
}

/* The pixel came later than some events. */
function catchUp(): void {
  if (!maySend()) return;
  hooks.allow();
  state.user = { ...kept.user, ...state.user };
  if (Object.keys(state.user)[0]) more().then(() => hooks.meet());
  entries.forEach(hooks.report);
}

function hear(heard: Heard): void {
  state.heard = heard;
  apply();
}

function apply(): void {
  const { mode, heard } = state;
  if (!isReady || !heard) return; // a consent tool is there, and was not asked yet
  state.mode = decide(heard, state.settings);
  log("consent", state.mode + " " + heard.from, heard);
  // What waits to be sent is forgotten too, whether or not a visitor is known.
  if (state.mode == "drop" || heard.forget) sender().then(() => hooks.forget());
  if (state.mode == mode) return;
  if (state.mode == "drop") drop();
  if (!maySend()) return hooks.withdraw();
  until(sender, go);
}

function go(): void {
  if (!maySend()) return;
  if (mayStore()) hooks.open();
  catchUp();
  entries.forEach(release);
  if (mayStore()) hooks.recover();
}

function release(one: (typeof entries)[0]): void {
  if (one.done) return;
  hooks.report(one);
  hooks.enqueue(one);
}

/* ---- the beginning ---- */

/* The script's own element; a tag manager may take its attributes away, so the key may stand in its address. */
const script = (document.currentScript ||
  document.querySelector('script[src*="/fs."]')) as HTMLScriptElement;

const start = () => {
  land();
  hooks.heard = (one) => {
    if (state.mode == "drop") return drop();
    if (!maySend()) {
      say("held", one);
      if (isReady && entries.length > HELD_MAX) say("dropped", entries.shift()!);
      return;
    }
    release(one);
    if (state.settings.cart) hooks.writeCart();
  };
  drain = publish(methods);
  page.fullsignal.core = core;
  guard(watchTtq)();
  sender();
  for (const type of ["DOMContentLoaded", "load"]) addEventListener(type, lookAtLayer);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  setTimeout(ready, SETTINGS_MS, {});
  fetch(`${state.base}s?key=${state.key}`, { credentials: "include" })
    .then((answer) => answer.json())
    .then(ready, () => ready({}));
};

const leave = guard(() => hooks.flush(true));

/* ?fs_debug=1 shows what happens, in this tab, until it is closed. */
const debug = guard(() => {
  if (/[?&]fs_debug=1/.test(location.search)) sessionStorage.fs_debug = 1;
  if (!sessionStorage.fs_debug) return;
  more().then(() => hooks.debug());
});

guard(() => {
  if (page.fullsignal && page.fullsignal.log) return;
  const { src, dataset, nonce } = script;
  state.nonce = nonce!;
  state.base = new URL(".", src).href;
  state.key = encodeURIComponent(dataset.key || new URL(src).searchParams.get("key")!);
  Object.assign(overrides, dataset.settings && JSON.parse(dataset.settings));
  start();
  debug();
})();
