/* fs-more.js: consent tools, forms, carts, hashes, and Segment's name. */

import { alias } from "./alias";
import { stripeLinks, attributes, wooFields, writeCart } from "./carts";
import { ASKS, attempt, EVENTS, soldNot, TOOLS } from "./cmp";
import { command, MODE } from "./consent_mode";
import { watchForms } from "./forms";
import { identify, learn, meet } from "./identify";
import { guard, hooks, log, script, state } from "./core";
import { visitor } from "./who";
import type { Consent, Settings } from "./types";

const LOOK_AGAIN_MS = 500;
const LOOKS_MAX = 60;

/* fs-send.js is there, and consent lets us have a visitor. */
const isKnown = () => visitor() && hooks.ids();

/* What is done for each id of the visitor that there is. */
const waiting: (() => void)[] = [];

function forVisitor(then: () => void): void {
  waiting.push(guard(then));
  if (isKnown()) then();
}

/* What a page may call. */
const METHODS: Record<string, (...args: any[]) => unknown> = {
  identify,

  /* Called once, with the first id that there is. */
  visitor(callback: any) {
    forVisitor(() => {
      if (callback) callback(visitor());
      callback = 0;
    });
  },

  cart: (token?: string) => (token ? hooks.tellSoon({ cart_token: token }) : forVisitor(writeCart)),
  stripe: () =>
    forVisitor(() => {
      stripeLinks(visitor());
      hooks.tellSoon({ client_reference: visitor() });
    }),
  woocommerce: () => forVisitor(() => wooFields(attributes())),
};

Object.assign(hooks, {
  alias,
  meet,

  /* The first that says one of the two words is heard. */
  said(key: keyof Consent) {
    for (const [who, said] of [...TOOLS, ...MODE]) {
      const word = attempt(() => said(key));
      if (word == "granted" || word == "denied") return [who, word];
    }
  },
  command: (args: any, region: string) => attempt(() => command(args, region)),
  isSoldNot: () => attempt(soldNot),
  forms: () => watchForms(state.settings, learn),
  writeCart,
  changed: () => isKnown() && waiting.forEach((then) => then()),

  call(method: string, args: any[]) {
    if (METHODS[method]) return METHODS[method](...args);
    log("problem", "no such method: " + method);
  },

  debug: () => script(state.base + "fs-debug.js"),

  /* Tools may come in any order, and know more at any time. Once is enough. */
  ask(s: Settings, changed: () => void) {
    hooks.ask = () => {};
    let asks = ASKS;
    let looks = 0;
    for (const one of EVENTS) addEventListener(one, changed, true);
    const look = () => {
      asks = asks.filter((ask) => !attempt(() => (ask(s, changed), true)));
      if (looks++ < LOOKS_MAX) setTimeout(look, LOOK_AGAIN_MS);
      changed();
    };
    look();
  },
});
