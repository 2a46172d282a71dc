/* What a page may call: fullsignal("track", …) or fullsignal.track(…), before and after this script has loaded. */

import { guard, lines } from "./guard";
import { hooks } from "./hooks";
import { more } from "./parts";
import { state } from "./state";

const MORE = ["identify", "visitor", "cart", "stripe", "woocommerce"]; // fs-more.js has these

const page = window as any;
export let call: (args: any) => void;

/* Puts our function where the page's stub is. Calls wait until the function returned is called; only settings are
   heard at once, for they say how everything else begins. */
export function publish(methods: Record<string, (...args: any[]) => unknown>): () => void {
  const waiting: any[] = [];
  let isOpen = false;
  const run = guard(([method, ...args]) => {
    if (methods[method]) methods[method](...args);
    else state.busy = more().then(() => hooks.call(method, args));
  });
  call = (args) => (isOpen || args[0] == "init" ? run(args) : waiting.push(args));
  const api: any = function () {
    call(arguments);
  };
  for (const name of Object.keys(methods).concat(MORE)) api[name] = (...args: unknown[]) => call([name, ...args]);
  ((page.fullsignal && page.fullsignal.q) || []).forEach(call);
  api.log = lines;
  api.q = { push: call }; // for who kept the stub
  page.fullsignal = api;
  return () => {
    isOpen = true;
    waiting.forEach(run);
  };
}
