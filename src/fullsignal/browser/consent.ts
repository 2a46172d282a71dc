/* What is known of a person's consent, and what it lets the script do. */

import type { Said } from "./cmp";
import { hooks } from "./hooks";
import { more, until } from "./parts";
import type { Consent, Heard, Mode, Settings, Word } from "./types";

const WORDS: (keyof Consent)[] = ["ad_personalization", "ad_storage", "ad_user_data"];
export const DEFAULT = "consent_mode_default";

/* What shows that a consent tool is on the page; fs-more.js knows how each is asked. They load when they like, so
   they are looked for, for half a minute. */
const SIGNS = ["__tcfapi", "Shopify", "OneTrust", "OnetrustActiveGroups", "Cookiebot"];
const LOOK_AGAIN_MS = 500;
const LOOKS_MAX = 60;

const page = window as any;

/* The table of docs/consent.md; a test holds it row by row. */
export function decide(heard: Heard, s: Settings): Mode {
  const { ad_user_data: use, ad_storage: store } = heard.consent;
  const cautious = s.unknown == "hold";

  if (heard.optedOut && s.opt_out == "deny") return "drop";
  // Before the tool's update, a default of Consent Mode denies on every page, also for who granted long ago. So
  // it holds back, and does not throw away.
  if (use == "denied") return heard.from == DEFAULT ? "hold" : "drop";
  if (!use && cautious) return "hold";
  return store == "denied" || (!store && cautious) ? "bare" : "go";
}

/* Starts to listen. `changed` is called as soon as everybody was asked, and whenever something else is known. */
export function watchConsent(
  s: Settings,
  commands: (take: (args: unknown[]) => void) => void,
  changed: (h: Heard) => void,
): (said: "granted" | "denied" | Said) => Said {
  const own: Said = {};
  let isWaiting = true; // a tool is there, and was not asked yet
  let isAsked = false;
  const said: unknown[][] = []; // to Consent Mode, in the order in which it counts
  let looks = 0;
  let told = "";

  const hear = () => {
    const consent = {} as Consent;
    let from = "";
    let forget;
    for (const key of WORDS) {
      // In the end it is whose word on ad_user_data it is.
      const [who, word] = own[key] ? ["own", own[key]] : hooks.said(key) || [from, ""];
      consent[key] = word as Word;
      from = who!;
      if (key == "ad_storage") forget = who != DEFAULT && word == "denied";
    }
    const optedOut = !!(s.opted_out || (navigator as any).globalPrivacyControl || hooks.isSoldNot());
    const heard: Heard = { consent, from, forget, optedOut };
    if (!isWaiting && told != (told = JSON.stringify(heard))) changed(heard);
  };

  const ask = () => {
    isAsked = true;
    until(more, (came) => {
      if (came) {
        said.splice(0).forEach((args) => hooks.command(args, s.region));
        hooks.ask(s, hear);
      } else hooks.said = () => [DEFAULT, "denied"]; // whom nobody can ask may have said no
      isWaiting = false;
      hear();
    });
  };

  /* gtag("consent", …) */
  commands((args) => {
    said.push(args);
    ask();
  });

  const look = () => {
    if (isAsked) return;
    if (SIGNS.some((sign) => page[sign]) || (page != page.parent && page.frames)) return ask();
    isWaiting = false;
    hear();
    if (looks++ < LOOKS_MAX) setTimeout(look, LOOK_AGAIN_MS);
  };
  look();

  return (said) => {
    for (const key of WORDS) {
      const word = Object(said) === said ? (said as Said)[key] : said;
      if (word == "granted" || word == "denied") own[key] = word;
    }
    hear();
    return own;
  };
}
