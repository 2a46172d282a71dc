/* What the parts may use of this script (parts.ts). */

export { call } from "./api";
export { again, collect, entries, say, view } from "./events";
export { guard, log } from "./guard";
export { hooks } from "./hooks";
export { isTikTok, ourName } from "./names";
export { CLICK_IDS, keep, kept, landing, mint, reread } from "./session";
export { READ, read, rows, text, toFields } from "./shape";
export { maySend, mayStore, script, state } from "./state";
export { cookie, read as recall, write } from "./store";
export { early, push } from "./ttq";
