/* Our event names, which are GA4's; and of everybody else's those that matter here: what is a sale. The server knows
   the others, and fs-pixel.js TikTok's. */

import { hooks } from "./hooks";
import { state } from "./state";

/* Of what a data layer says only these count. Other spellings are words that pages use for other things: "checkout"
   was Universal Analytics' name of a step. Page views are counted by pages.ts. */
const OURS =
  /^((view|select)_item|view_(item_list|cart|search_results)|search|(add_to|remove_from)_cart|add_to_wishlist|begin_checkout|add_(shipping|payment)_info|place_order|purchase|refund|sign_up|login|generate_lead|subscribe|start_trial|submit_application|application_approval|file_download|contact|schedule|find_location|customize_product)$/;

export const isOfDataLayer = (name: string) => OURS.test(name);

const SALE = /^(purchase|complete ?payment|(order|checkout)[ _]?completed)$/i;

/* Our name for what somebody called it; a name nobody knows stays as it is. */
export function ourName(called: string): string {
  const { names } = state.settings;
  for (const ours in names) if (names[ours] == called) return ours;
  return hooks.ourName(called) || (SALE.test(called) ? "purchase" : called);
}

/* A name in one word with a capital: TikTok writes like that, and nobody else. */
export const isTikTok = (called: string) => /^[A-Z][A-Za-z]+$/.test(called) && ourName(called) != called;
