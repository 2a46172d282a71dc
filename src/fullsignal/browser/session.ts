/* Who visits, and how they came, as far as this page can tell. Keeping it is up to fs-send.js (visit.ts). */

import { decoded, read, write } from "./store";
import type { Consent, Fields, Touch, User } from "./types";

/* As ad platforms spell them in a landing page's query, where case does not count. */
export const CLICK_IDS = "ttclid|fbclid|gclid|wbraid|gbraid|dclid|msclkid|ScCid|epik|twclid|li_fat_id|rdt_cid|irclickid";
const CLICK = new RegExp(`^(${CLICK_IDS})$`, "i");
const ID_MAX = 1000; // TikTok's limit; a longer one is no click id of theirs, and others are shorter
const KEPT_MS = 395 * 864e5;

/* `_fs` */
export let kept: {
  visitor?: string;
  first?: Touch;
  last?: Touch;
  clicks?: Record<string, string>; // the latest of each kind
  grant?: Partial<Consent>; // what the site itself said; who denied is asked again by the site
  done?: string[]; // purchases that our pixel was told of
  cart?: string; // what was written into it
  at?: number; // ms
  user?: User; // who was identified, as hashes
  renew?: boolean; // the server does not know yet that somebody logged out
} = {};

export let landing: Touch;

/* A UUIDv7: 48 bits of time, then the version, chance, the variant, chance. */
export function mint(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const chance = crypto.getRandomValues(new Uint8Array(36));
  return "tttttttt-tttt-7xxx-8xxx-xxxxxxxxxxxx".replace(/[tx]/g, (one, at) =>
    one == "t" ? time[at - +(at > 8)] : (chance[at] % 16).toString(16),
  );
}

/* Looks at the landing page, before anything on it changes the address. Keeps nothing. */
export function land(): void {
  const ids: Fields = {};
  const utm: Fields = {};
  // A click id is compared byte for byte: unlike elsewhere in a query, a + in it is no space.
  for (const pair of location.search.slice(1).split("&")) {
    const [called, raw = ""] = pair.split(/=(.*)/);
    const name = called.toLowerCase();
    const isClick = CLICK.test(name);
    const value = decoded(isClick ? raw : raw.replace(/\+/g, " "));
    const to = isClick ? ids : /^utm_/.test(name) ? utm : {};
    const key = name.replace("utm_", "");
    if (value.length <= ID_MAX) to[key] = to[key] || value;
  }
  landing = { at: Date.now(), ids, utm, url: location.href, referrer: external(document.referrer) };
  reread();
}

/* What an earlier page kept, or a frame or another tab a moment ago. */
export function reread(): void {
  const before = read("_fs");
  if (before && before.at > Date.now() - KEPT_MS) kept = { ...kept, ...before };
}

/* The referrer, unless it is a page of the same shop. */
function external(referrer: string): string {
  const [from, here] = [referrer, location.href].map((url) => ("." + url.split("/")[2]).replace(/^\.www/, ""));
  return from.endsWith(here) || here.endsWith(from) ? "" : referrer;
}

export function keep(): void {
  kept.at = Date.now();
  write("_fs", kept);
}
