/* Nothing of ours may reach the page as an exception, and everything that happens is a line of the log. */

import type { Line } from "./types";

const LINES_MAX = 200;

/* window.fullsignal.log. The overlay (debug.ts) replaces its push. */
export const lines: Line[] = [];

export function log(kind: Line["kind"], text: string, data?: unknown): void {
  if (lines.push({ at: Date.now(), kind, text, data }) > LINES_MAX) lines.shift();
}

/* f, whose exceptions end here. Only an exception's name is written down: its message may quote what somebody
   typed. */
export function guard<A extends any[], R>(f: (...args: A) => R): (...args: A) => R | undefined {
  return (...args) => {
    try {
      return f(...args);
    } catch (e) {
      log("problem", "" + (e && (e as Error).name));
    }
  };
}
