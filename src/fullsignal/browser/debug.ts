/* The overlay of ?fs_debug=1, built by itself as fs-debug.js: what the script collects, holds and sends, as it
   happens. It reads window.fullsignal.log, changes nothing of the script's, and remembers nothing. */

import { add, empty } from "./debug_state";
import { panel } from "./debug_view";
import type { Line } from "./types";

function open(): void {
  const log: Line[] = (window as any).fullsignal.log;
  const push = log.push;
  const state = empty();
  const shown = panel(() => {
    log.push = push;
  });

  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      shown.show(state);
    });
  };
  log.forEach((line) => add(state, line));
  log.push = (...lines: Line[]) => {
    lines.forEach((line) => add(state, line));
    soon();
    return push.apply(log, lines);
  };
  shown.show(state);
}

if (!document.querySelector("fullsignal-debug")) {
  if (document.body) open();
  else document.addEventListener("DOMContentLoaded", open);
}
