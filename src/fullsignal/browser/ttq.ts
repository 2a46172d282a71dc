/* TikTok's pixel, whoever puts it on the page and whenever: from that moment its calls carry an event id, and
   fs-pixel.js is loaded to make pairs of them (pair.ts). window.ttq stays undefined until somebody sets it. */

import { guard } from "./guard";
import { hooks } from "./hooks";
import { pixel } from "./parts";
import { mint } from "./session";

const page = window as any;

/* Calls that were made before fs-pixel.js came, as they stand in the queue. `own`: whether the page chose the id. */
export const early: { call: any[]; own: boolean }[] = [];
export let push: unknown; // our own, for who asks whether the queue is still one

let current: any;
let isWanted = false;

const meet = () => isWanted && current && pixel().then(() => hooks.pair(current));

/* The site's settings say that pairs are made. */
export function ttqIsWanted(): void {
  isWanted = true;
  meet();
}

export function watchTtq(): void {
  current = page.ttq;
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
  if (current) came(current);
  Object.defineProperty(page, "ttq", { configurable: true, enumerable: true, get: () => current, set: came });
}

function name(call: any): void {
  if (!call || call[0] != "track") return;
  const own = !!(call[3] && call[3].event_id);
  if (!own) call[3] = { ...call[3], event_id: mint() };
  early.push({ call, own });
}
