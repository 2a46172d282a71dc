/* Page views: of the page itself, of a single-page shop's addresses, and of a page that comes back out of the
   browser's memory. There is no unload handler, because it would keep pages out of that memory. */

import { collect, setView } from "./events";
import { guard } from "./guard";
import { state } from "./state";

let last = ""; // the address that was counted

const key = (url: string) => (state.settings.hash_routes ? url : url.split("#")[0]);

const view = guard((isReplaced?: boolean) => {
  const before = last;
  last = location.href;
  if (key(before) == key(last)) return;
  // A page that takes parameters out of its own address is the same page.
  if (isReplaced && before.indexOf(key(last)) == 0 && /^[?&]/.test(before.slice(key(last).length))) return;
  count(before || document.referrer);
});

const count = guard((referrer: string) => {
  const page = { url: location.href, referrer, title: document.title };
  if (state.settings.page_views) setView(collect("page_view", { page }, "page"));
});

export function watchPages(): void {
  view();
  for (const method of ["pushState", "replaceState"] as const) {
    const original = history[method];
    history[method] = function () {
      const result = original.apply(this, arguments as any);
      view(method == "replaceState");
      return result;
    };
  }
  addEventListener("popstate", () => view()); // also where only the fragment is another
  addEventListener("pageshow", (e) => e.persisted && count(document.referrer));
}
