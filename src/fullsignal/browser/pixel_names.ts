/* TikTok's names for our events, and everybody's other ones: vocabulary.py once more, and a test compares the two. */

import { entries, hooks, isTikTok, ourName, state } from "./core";

/* Ours, then other spellings. Case, spaces and underscores do not count, so that "Order Completed" needs no entry
   beside order_completed, and AddToCart none beside add_to_cart. Of a name that is TikTok's in other words, the
   first spelling is TikTok's; what TikTok has no event for begins with a dash. */
const TABLE =
  "page_view Pageview page PageViewed LoadedAPage Browse," +
  "view_item ViewContent ProductViewed ViewForm ViewDownloadPage ViewConsultationPage," +
  "view_item_list - ProductListViewed CollectionViewed," +
  "search Search ProductsSearched ViewSearchResults SearchSubmitted," +
  "add_to_wishlist AddToWishlist ProductAddedToWishlist," +
  "add_to_cart AddToCart ProductAdded ProductAddedToCart," +
  "remove_from_cart - ProductRemoved ProductRemovedFromCart," +
  "view_cart - CartViewed," +
  "begin_checkout InitiateCheckout CheckoutStarted StartCheckout," +
  "add_shipping_info - CheckoutShippingInfoSubmitted," +
  "add_payment_info AddPaymentInfo PaymentInfoEntered AddBilling PaymentInfoSubmitted," +
  "place_order PlaceAnOrder OrderPlaced Checkout," +
  "purchase Purchase CompletePayment OrderCompleted CheckoutCompleted," +
  "refund - OrderRefunded," +
  "sign_up CompleteRegistration SignedUp Registration," +
  "login Login SignedIn," +
  "generate_lead Lead SubmitForm ClickForm FormSubmitted FormSubmit," +
  "subscribe Subscribe SubscriptionCreated," +
  "start_trial StartTrial TrialStarted," +
  "submit_application SubmitApplication," +
  "application_approval ApplicationApproval," +
  "file_download Download DownloadLinkClicked ClickToDownload," +
  "contact Contact Consult ConsultByPhone CallbackStarted," +
  "schedule Schedule," +
  "find_location FindLocation," +
  "customize_product CustomizeProduct," +
  "select_item - ClickButton ProductClicked ClickInDownloadPage click";

// Without a prototype: an event may be called "constructor".
const known: Record<string, string> = Object.create(null); // any spelling, folded: our name
const standard: Record<string, string> = Object.create(null); // our name: TikTok's

const fold = (name: string) => name.toLowerCase().replace(/[\s_]/g, "");

for (const row of TABLE.split(",")) {
  const [ours, theirs, ...others] = row.split(" ");
  standard[ours] = theirs;
  for (const one of [ours, theirs, ...others]) known[fold(one)] = ours;
}
hooks.ourName = (called) => known[fold(called)];
// What was called before these names were known.
for (const one of entries) one.ours = ourName(one.event.event);

/* What the pixel is told that it was; "-" tells it nothing. The server chooses in the same order. */
export const pixelName = (ours: string, called: string) =>
  state.settings.names[ours] || (isTikTok(called) ? called : standard[ours] || ours);
