/* Who visits, remembered where consent lets us. */

import { cookie, hooks, keep, kept, landing, log, mayStore, mint, reread } from "./core";

let logged = "";

const VISIT_MS = 18e5; // back from a payment page within half an hour: no visit of its own
const VISITOR = /^[\w-]{8,64}$/;

export function remove(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch (e) {}
}

/* From here on consent lets us keep things. */
export function open(): void {
  reread();
  const { last } = kept;
  const isOld = !last || last.at < landing.at - VISIT_MS;
  const isCampaign = Object.keys({ ...landing.ids, ...landing.utm })[0] && (isOld || last!.url != landing.url);
  if (isCampaign || !last || (landing.referrer && isOld)) kept.last = landing;
  kept.first = kept.first || landing;
  kept.clicks = { ...kept.clicks, ...landing.ids };
  const mirrored = kept.renew ? "" : cookie("_fs_v");
  adopt([mirrored, kept.visitor].filter((one) => VISITOR.test(one!))[0] || mint());
}

/* The server's cookie may be older than what stands here. An error's answer, ours or a proxy's, names nobody. */
export function adopt(visitor?: string): void {
  if (!mayStore() || !visitor || !VISITOR.test(visitor)) return;
  const isNew = visitor != kept.visitor;
  kept.visitor = visitor;
  keep();
  if (logged != visitor) log("visitor", (logged = visitor));
  if (isNew) hooks.changed();
}

/* `ids` of the beacon: click ids by their names in user.ids, and the browser ids that other scripts set. */
export function ids(): Record<string, string> {
  const found: Record<string, string> = {};
  if (!mayStore()) return found;
  const { clicks, last, first } = kept;
  const put = (name: string, value?: string) => value && (found[name] = value);
  put("ttclid", cookie("ttclid"));
  Object.assign(found, clicks);
  for (const name of ["ttp", "fbp", "fbc"]) put(name, cookie("_" + name));
  const facebook = [last!, first!].filter((touch) => touch.ids.fbclid)[0];
  if (facebook && !found.fbc) found.fbc = `fb.1.${facebook.at}.${facebook.ids.fbclid}`;
  return found;
}

/* All that was kept goes. The visitor whom the server has to forget; "" where nobody was known. */
export function forget(): string {
  const gone = cookie("_fs_v") || kept.visitor || "";
  for (const one of Object.keys(kept)) delete (kept as any)[one];
  remove("_fs");
  return gone;
}

/* Logout: somebody else may sit down now. How the visit came about stays. */
export function renew(): void {
  kept.user = undefined;
  kept.renew = true;
  adopt(mint());
}
