/* The public event in the words of TikTok's pixel. */

import { json } from "./json";
import type { Fields } from "./types";

/* The event in the pixel's words. Its `properties` stay here: nobody looked for personal data in them. */
export function toPixel({ items, ...event }: Fields): Fields {
  const props: Fields = { search_string: event.search_term };
  for (const name of "value currency content_ids content_type num_items description order_id".split(" ")) {
    props[name] = event[name];
  }
  if (items) {
    props.contents = items.map((one: Fields) => ({
      content_id: one.item_id,
      content_name: one.item_name,
      content_category: one.item_category,
      brand: one.item_brand,
      price: one.price,
      quantity: one.quantity,
    }));
  }
  if (items || props.content_ids) props.content_type = props.content_type || "product";
  return JSON.parse(json(props)); // without what is undefined
}
