/* Consent tools of others. Each is a row: its name, and a function that says what it knows now.

   A row may throw where its tool is not on the page: that, "" and whatever is not one of the two words mean "not
   known". */

import type { Consent, Settings, Word } from "./types";

export const WORDS: (keyof Consent)[] = ["ad_personalization", "ad_storage", "ad_user_data"];

export type Said = Partial<Consent>;
export type Row = [who: string, said: (key: keyof Consent) => unknown];

const page = window as any;
const privacy = () => page.Shopify.customerPrivacy;
const word = (given: unknown): Word => (given ? "granted" : "denied");

/* In the order in which they are heard: of several, the first that says a word wins. */
export const TOOLS: Row[] = [
  ["tcf", (key) => tcf[key]],
  // currentVisitorConsent() has "yes", "no", or "" where the visitor decided nothing.
  ["shopify", () => privacy().currentVisitorConsent().marketing && word(privacy().marketingAllowed())],
  // ",C0001,C0004,": what is on. C0004 is "targeting", unless a site renamed it. Off before a choice says nothing.
  ["onetrust", () => (/C0004/.test(groups()) ? "granted" : groups() && page.OneTrust.IsAlertBoxClosed() && "denied")],
  ["cookiebot", () => page.Cookiebot.hasResponse && word(page.Cookiebot.consent.marketing)],
];
const groups = () => page.OnetrustActiveGroups;

/* At the window or the document, when one of them may know more. OTConsentApplied comes after the other one, when
   the choice is certainly stored; Cookiebot's come on each later page, too. */
export const EVENTS = [
  "visitorConsentCollected",
  "OneTrustGroupsUpdated",
  "OTConsentApplied",
  "CookiebotOnAccept",
  "CookiebotOnDecline",
];

/* The shop's own "do not sell or share". Where nobody was asked yet, Shopify may allow neither marketing nor sale:
   that is no opt-out. */
export function soldNot(): boolean {
  const shop = privacy();
  return shop.currentVisitorConsent().sale_of_data == "no" || (shop.marketingAllowed() && !shop.saleOfDataAllowed());
}

/* Two of them must be asked before they say anything: they throw while the tool is not there, and call `changed`
   when it knows more. */
export const ASKS: ((s: Settings, changed: () => void) => void)[] = [askShopify, askTcf];

function askShopify(_: Settings, changed: () => void): void {
  page.Shopify.loadFeatures([{ name: "consent-tracking-api", version: "0.1" }], changed);
}

let tcf: Said = {};

/* IAB TCF v2. Purposes to words as Google's "Implement the Transparency & Consent Framework" has it: without 1
   no ad_storage and no ad_user_data, without 7 no ad_user_data, without 3 or 4 no ad_personalization. Where GDPR
   does not apply, the framework has nothing to say. */
function askTcf(s: Settings, changed: () => void): void {
  const take = (data: any) => {
    attempt(() => {
      if (data.eventStatus == "cmpuishown") return;
      tcf = {};
      if (data.gdprApplies === false) return;
      const to = data.purpose.consents;
      const us = !s.tcf_vendor || data.vendor.consents[s.tcf_vendor];
      tcf.ad_personalization = word(us && to[3] && to[4]);
      tcf.ad_storage = word(us && to[1]);
      tcf.ad_user_data = word(us && to[1] && to[7]);
    });
    changed();
  };
  if (page.__tcfapi) return page.__tcfapi("addEventListener", 2, take);

  // In a frame the tool is somewhere above: where a frame named __tcfapiLocator is, messages are answered.
  let above = page;
  while (!above.frames.__tcfapiLocator) above = above == above.parent ? null : above.parent;
  addEventListener("message", (e) => {
    if (e.source == above && e.data.__tcfapiReturn) take(e.data.__tcfapiReturn.returnValue);
  });
  above.postMessage({ __tcfapiCall: { command: "addEventListener", version: 2, callId: "fs" } }, "*");
}

export function attempt<R>(f: () => R): R | void {
  try {
    return f();
  } catch (e) {}
}
