/* TikTok's pixel, whoever puts it on the page and whenever: from that moment its calls carry an event id, and
   fs-pixel.js is loaded to make pairs of them (pair.ts). window.ttq stays undefined until somebody sets it. */

import { collect, type Entry } from "./events";
import { guard } from "./guard";
import { hooks } from "./hooks";
import { pixel } from "./parts";
import { toFields } from "./shape";
import { state } from "./state";

const page = window as any;

/* Calls that went through the queue before fs-pixel.js came, with the event that each is. */
export const early: { call: any[]; one: Entry }[] = [];
export let push: unknown; // our own, for who asks whether the queue is still one
let current: any;
let isRead = false;

/* fs-pixel.js is fetched at once, and begins when the data layer was read. */
const meet = () => pixel().then(() => isRead && hooks.pair(current));

export function watchTtq(): void {
  const came = guard((ttq: any) => {
    current = ttq;
    if (Object(ttq) !== ttq) return;
    if (ttq.map) {
      ttq.forEach(name);
      const original = ttq.push;
      push = ttq.push = function (call: any) {
        guard(name)(call);
        return original.apply(this, arguments);
      };
    }
    meet();
  });
  came(page.ttq);
  Object.defineProperty(page, "ttq", { configurable: true, enumerable: true, get: () => current, set: came });
}

function name(call: any): void {
  const [method, called, props, options] = call;
  if (state.isPaired || method != "track" || !called || !called.trim) return;
  const one = collect(called, toFields(props), "ttq", options && options.event_id);
  call[3] = { ...options, event_id: one.event.event_id };
  early.push({ call, one });
  one.fixed = isRead;
}

/* The data layer was read: calls that still wait in the queue get the id of the order that it told of; where they
   are gone, it is the event that gets theirs. */
export function ttqMayGo(): void {
  isRead = true;
  for (const { call, one } of early) {
    const [to, from] = current.indexOf(call) < 0 ? [one.event, call[3]] : [call[3], one.event];
    to.event_id = from.event_id;
    one.fixed = true;
  }
  if (current) meet();
}
