/* What the parts add to this script once they are there (parts.ts); until then, what is done without them, which is
   mostly nothing. */

import type { Entry } from "./events";
import { state } from "./state";
import type { Consent, Settings, Sighting, User } from "./types";

const page = window as any;

interface Hooks {
  /* main.ts */
  heard(one: Entry): void; // an event that has to be sent

  /* fs-send.js */
  enqueue(one: Entry): void;
  flush(leaving?: boolean): void;
  forget(): void;
  ids(): Record<string, string>;
  open(): void;
  recover(): void;
  reset(): void;
  tellSoon(link?: Record<string, string>): void;

  /* fs-pixel.js */
  look(): void;
  ourName(called: string): string | undefined;
  pair(ttq: any): void;
  allow(): void;
  withdraw(): void;
  introduce(user: User): void;
  report(one: Entry): void;
  untold(): Entry[];
  isSettled(one: Entry): boolean;
  sighting(one: Entry): Sighting | undefined;

  /* fs-more.js */
  said(key: keyof Consent): [who: string, word: string] | undefined;
  isSoldNot(): unknown;
  ask(s: Settings, changed: () => void): void;
  command(args: any, region: string): void;
  call(method: string, args: any[]): unknown;
  meet(): void;
  forms(): void;
  writeCart(): void;
  changed(): void; // the visitor has another id
  alias(): void;
  debug(): void;
}

const without: Partial<Hooks> = {
  untold: () => [],
  /* Whether nothing more will be heard of the pixel about this event that would be worth a delay. A view waits
     for a pixel that a tag manager brings a little later. */
  isSettled: (one) => !state.settings.pair || (!page.ttq && one.ours != "page_view"),
  /* What there is to tell of the pixel about an event. */
  sighting({ ours, event, at, old }) {
    if (!old && !page.ttq && (state.settings.pair || state.settings.pixel)) {
      return { event: ours, event_id: event.event_id, state: "absent", at };
    }
  },
};

export const hooks = new Proxy(without, { get: (have: any, name) => have[name] || (() => {}) }) as Hooks;
