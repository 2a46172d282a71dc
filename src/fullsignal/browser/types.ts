/* What the parts of the script tell each other. */

export type Word = "granted" | "denied" | "";

export interface Consent {
  ad_storage: Word;
  ad_user_data: Word;
  ad_personalization: Word;
}

/* What is known of a person's consent. `from`: own, tcf, shopify, onetrust, cookiebot, consent_mode,
   consent_mode_default (no choice of the person's), or "". */
export interface Heard {
  consent: Consent;
  from: string;
  forget?: boolean; // nothing may be kept, and no default says so
  optedOut: boolean; // Global Privacy Control, or the shop's own "do not sell or share"
}

/* What consent lets the script do. go: send and store. bare: send, store nothing, no click or browser ids.
   hold: events in memory only. drop: nothing. */
export type Mode = "go" | "bare" | "hold" | "drop";

/* GET /s */
export interface Settings {
  unknown: "send" | "hold";
  region: string;
  opt_out: "deny" | "limit" | "ignore";
  opted_out: boolean;
  pixel: { code: string; src: string; names: Record<string, string> } | null;
  pair: boolean;
  names: Record<string, string>;
  page_views: boolean;
  hash_routes: boolean;
  data_layer: string;
  analytics_alias: boolean;
  forms: string[];
  hash_in_browser: boolean;
  tcf_vendor: number;
  purchase_id: string;
  order_ref: "id" | "number";
  cookies: boolean;
  cart: "" | "shopify";
}

export type Fields = Record<string, any>;

/* `user` of the public event, as identify() and forms give it. */
export interface User {
  email?: string | string[];
  phone?: string | string[];
  external_id?: string;
  first_name?: string;
  last_name?: string;
  city?: string;
  state?: string;
  zip?: string;
  country?: string;
}

/* A public event, as POST /v1/events takes it; event_time in ms of this browser's clock. */
export interface PublicEvent extends Fields {
  event: string;
  event_id: string;
  event_time: number;
}

export interface Touch {
  at: number; // ms
  ids: Record<string, string>;
  utm: Record<string, string>;
  url: string;
  referrer: string;
}

export type PixelState = "absent" | "waiting" | "blocked" | "called" | "requested";

export interface Sighting {
  event: string;
  event_id: string;
  name?: string; // the pixel was called with; none where it was not
  pixel?: string; // its code
  state: PixelState;
  at: number; // ms
}

/* What the overlay (fs-debug.js) is told, as it happens: window.fullsignal.log is an array of these. */
export interface Line {
  at: number; // ms
  kind: "event" | "held" | "dropped" | "sent" | "answer" | "consent" | "pixel" | "visitor" | "settings" | "problem";
  text: string; // one line for a person; no raw e-mail or phone number
  data?: unknown;
}
