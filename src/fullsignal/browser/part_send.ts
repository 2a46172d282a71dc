/* fs-send.js: sending, and remembering the visitor. Nothing of it happens before consent allows it. */

import { hooks, state } from "./core";
import { enqueue, flush, recover, tellForgotten, tellSoon } from "./send";
import { forget, ids, open, renew } from "./visit";

Object.assign(hooks, {
  enqueue,
  flush,
  forget: () => tellForgotten(forget()),
  ids,
  open() {
    open();
    hooks.changed(); // what waits may have come before this file
  },
  recover,
  reset() {
    flush(true); // as the person who was here
    state.user = {};
    renew();
    tellSoon({});
  },
  tellSoon,
});
