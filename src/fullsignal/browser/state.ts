/* What holds at this moment. main.ts writes it, everybody reads it. */

import type { Heard, Mode, Settings, User } from "./types";

/* What is done for a site that cannot be asked: consent must be given, and no pixel is loaded. Left out is what
   would be "" or false. */
export const CAREFUL = {
  unknown: "hold",
  opt_out: "deny",
  names: {},
  forms: [] as string[],
  pair: true,
  page_views: true,
  data_layer: "dataLayer",
  purchase_id: "purchase.{order_id}",
} as Settings;

export const state = {
  key: "",
  nonce: "", // of our own element, for those we add
  base: "", // where the script came from, with a slash at its end
  settings: CAREFUL,
  mode: "hold" as Mode,
  heard: 0 as any as Heard, // until everybody was asked
  busy: 0 as any as Promise<unknown>, // what a page called, while it waits for fs-more.js
  user: {} as User, // identify()
  isPaired: false, // pair.ts hears of every call
};

export const mayStore = () => state.mode == "go";
export const maySend = () => mayStore() || state.mode == "bare";

/* A script element, which a strict page allows as it allows ours. Where trusted types are required, "fs" is
   the policy to allow. */
let policy: any;

export function script(src: string, integrity = ""): HTMLScriptElement {
  const one = document.createElement("script");
  const types = (window as any).trustedTypes;
  if (types) policy = policy || types.createPolicy("fs", { createScriptURL: String });
  if (integrity) one.crossOrigin = "";
  Object.assign(one, { nonce: state.nonce, integrity, src: policy ? policy.createScriptURL(src) : src });
  return document.documentElement.appendChild(one);
}
