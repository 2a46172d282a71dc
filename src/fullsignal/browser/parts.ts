/* What is not needed from the first moment is in files of its own: fs-send.js, which every page fetches while it
   asks for its settings; fs-pixel.js where there is a TikTok pixel; fs-more.js for consent tools, identify, forms,
   carts and hashes. What they use of this script they find in fullsignal.core (core.ts). */

import { script, state } from "./state";

/* The SHA-256 of each, in base64, as the build wrote it in: a page that vouches for this script by its integrity
   vouches for them too. Their names begin with it, so that an older script never gets a newer part. */
declare const SEND: string;
declare const PIXEL: string;
declare const MORE: string;

const loading: Record<string, any> = {};

/* Settled when the file has run, or did not come. */
const load = (name: string, hash: string): Promise<unknown> =>
  (loading[name] =
    loading[name] ||
    new Promise((done) => {
      const part = script(`${state.base}fs-${name}.${hash.slice(0, 12).replace(/\W/g, "_")}.js`, "sha256-" + hash);
      part.onload = done;
      part.onerror = () => done((loading[name] = 0)); // to be tried again
    }));

/* `then` is told whether the part has come: now, and where it has not, again and again until it has. */
export function until(part: () => Promise<unknown>, then: (came: unknown) => void, wait = 500): void {
  part().then((came) => {
    then(came);
    if (!came) setTimeout(until, wait, part, then, wait * 2);
  });
}

export const sender = () => load("send", SEND);
export const pixel = () => load("pixel", PIXEL);
export const more = () => load("more", MORE);
