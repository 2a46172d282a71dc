/* The shop's own pixel, whoever puts it on the page and whenever: every ttq.track() gets an event id, and we send
   the same event under the same id. The page's calls are never held back and never changed otherwise. */

import { collect, early, guard, state, toFields } from "./core";
import type { Entry } from "./events";
import { look, see, seeView } from "./sightings";

const adopted = new WeakSet<object>();
let own: Entry | undefined; // the event that we are telling the pixel ourselves

/* Calls the pixel for one of our events. */
export function tell(one: Entry, call: () => void): void {
  own = one;
  try {
    call();
  } finally {
    own = undefined;
  }
}

/* ttq itself, or ttq.instance(code): the same methods, for one of several pixels. */
export const adopt = guard((bag: any, code = "") => {
  if (Object(bag) !== bag || adopted.has(bag)) return;
  adopted.add(bag);
  state.isPaired = true;
  if (!code) for (const { call, one } of early.splice(0)) see(one, call[1], code);
  if (bag.map) {
    bag.forEach((call: any, i: number) => {
      if (call && (call[0] == "page" || (code && call[0] == "track"))) {
        bag[i] = [call[0], ...take(call[0], [].slice.call(call, 1), code)];
      }
    });
  }
  for (const method of ["track", "page"]) {
    around(bag, method, (original) => function (this: unknown) {
      const args = guard(take)(method, [].slice.call(arguments), code) || arguments;
      return original.apply(this, args);
    });
  }
  if (code) return;
  for (const one in bag._i) adopt(bag._i[one], one);
  around(bag, "instance", (original) => function (this: unknown, one: string) {
    const found = original.apply(this, arguments);
    adopt(found, one);
    return found;
  });
  setTimeout(look);
});

const around = (bag: any, method: string, wrap: (original: any) => any) =>
  trap(bag, method, (given) => (typeof given == "function" ? wrap(given) : given));

/* Whoever sets this sets it as always; whoever reads it gets what `wrap` makes of it. */
function trap(bag: any, name: string, wrap: (original: any) => any): void {
  let current: unknown;
  const set = (given: unknown) => (current = wrap(given));
  set(bag[name]);
  Object.defineProperty(bag, name, { configurable: true, enumerable: true, get: () => current, set });
}

/* The arguments of a call, with an event id where there was none, and our copy of the event. */
function take(method: string, args: any[], code: string): any[] {
  const [name, props, options] = args;
  if (own) see(own, method == "page" ? "Pageview" : name, code);
  else if (method == "page") seeView(code);
  else if (method == "track" && state.settings.pair && name && typeof name == "string") {
    const given = options && options.event_id;
    const one = collect(name, toFields(props), "ttq" + code, given);
    one.fixed = true;
    see(one, name, code);
    if (!given) return [name, props, { ...options, event_id: one.event.event_id }];
  }
  return args;
}
