/* Google's Consent Mode, as pages tell it: gtag("consent", "default" | "update", words). */

import { WORDS, type Row, type Said } from "./cmp";

const updates: Said = {};
const defaults: Said = {};
const levels: Record<string, number> = {};

/* "consent_mode_default" is what consent.ts knows as no choice of the person's. */
export const MODE: Row[] = [
  ["consent_mode", (key) => updates[key]],
  ["consent_mode_default", (key) => defaults[key]],
];

/* An update counts before any default; of the defaults the one for the smallest region that the person is in, and
   of equals the later. Where the region is not known, a default that denies counts before one that grants,
   whatever regions they are for. */
export function command([, kind, words]: any, region: string): void {
  const regions: string[] = words.region || [];
  const level = !region || !regions[0] ? 0 : regions.includes(region) ? 2 : regions.includes(region.slice(0, 2)) ? 1 : -1;
  for (const key of WORDS) {
    const one = words[key];
    if (!one) continue;
    if (kind == "update") updates[key] = one;
    else if (level >= (levels[key] || 0) && (region || defaults[key] != "denied")) {
      levels[key] = level;
      defaults[key] = one;
    }
  }
}
