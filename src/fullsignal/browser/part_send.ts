/* fs-send.js: from the moment when consent lets something be sent. */

import { hooks } from "./core";
import { enqueue, flush, recover, tellForgotten, tellSoon } from "./send";
import { forget, ids, open, renew } from "./visit";

Object.assign(hooks, { enqueue, flush, forget: () => tellForgotten(forget()), ids, open, recover, renew, tellSoon });
