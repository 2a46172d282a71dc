/* The data layer: events of GA4's e-commerce, pushed as objects or through gtag(), before and after we came. */

import { collect } from "./events";
import { guard } from "./guard";
import { isOfDataLayer } from "./names";
import { toFields } from "./shape";
import type { Fields } from "./types";

const page = window as any;
const consents: unknown[][] = []; // gtag("consent", …), until somebody takes them
let take = (args: unknown[]): void => void consents.push(args);
let name = "";
let layer: unknown;
let identify: (user: unknown) => void;
let shop: Fields = {}; // `ecommerce` that was pushed without an event: it is of those that follow

/* Reads what is there, and listens from now on. */
export function watchLayer(called: string, onUser: (user: unknown) => void): void {
  identify = onUser;
  name = called;
  layer = 0;
  look();
}

/* Pages may put another array in its place, as old snippets do; so this is called again and again. */
export const look = guard(() => {
  const now = name && (page[name] = page[name] || []);
  if (now === layer || !now.map) return;
  layer = now;
  shop = {};
  now.map(hear);
  const push = now.push;
  now.push = function () {
    const result = push.apply(this, arguments);
    if (now === layer) [].map.call(arguments, hear);
    return result;
  };
});

/* Everything that gtag() says about consent, in the past and the future. */
export function onConsent(taker: (args: unknown[]) => void): void {
  take = taker;
  consents.forEach(taker);
}

const hear = guard((said: any) => {
  const { ecommerce, event } = said;
  // gtag() pushes its arguments.
  if (said[0] == "consent") take(said);
  if (said[0] == "event") tell(said[1], Object(said[2]), "gtag");
  if (ecommerce === null) shop = {};
  if (event) tell(event, { ...shop, ...said, ...ecommerce }, "dataLayer");
  else shop = { ...shop, ...ecommerce };
});

function tell(called: string, props: Fields, sender: string): void {
  if (!isOfDataLayer(called)) return;
  if (props.user_data) identify(props.user_data);
  collect(called, toFields(props), sender, props.event_id);
}
