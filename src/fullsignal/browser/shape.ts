/* The words of GA4, Segment and TikTok's pixel -> the public event.

   The server refuses an event with a field or a type that it does not know, so only what is in these tables goes
   out. What the page itself calls otherwise goes into `properties`. */

import { guard } from "./guard";
import type { Fields } from "./types";

const TEXT_MAX = 500;
const LIST_MAX = 100;

/* How a value is read; undefined where it is not usable. */
export const text = (value: any) => (/^(str|num)/.test(typeof value) && ("" + value).trim().slice(0, TEXT_MAX)) || undefined;

/* Zero or more; a text only where it is a plain number. */
const number = (value: any) => (/^\s*(\d+\.?\d*|\.\d+)\s*$/.test(value) && !value.map ? +value : undefined);

export const READ: Record<string, (value: any) => unknown> = {
  text,
  number,
  whole: (value) => (number(value)! % 1 ? undefined : number(value)),
  list: (value) => (value && value.map && value.map(text).filter(Boolean).slice(0, LIST_MAX)) || undefined,
  flag: (value) => (value === !!value ? value : undefined),
};

/* How values are read: our fields. After a colon other spellings; the first that has a usable value counts. */
export const rows = (table: Record<string, string>) =>
  [].concat(
    ...(Object.keys(table).map((kind) =>
      table[kind].split(" ").map((names) => [READ[kind], names.split(":")]),
    ) as any),
  ) as [(value: any) => unknown, string[]][];

const EVENT = rows({
  text: "order_id:transaction_id order_number currency customer_type content_type shop_id description " +
    "search_term:search_string:query",
  number: "value:revenue:total",
  list: "content_ids:content_id",
  whole: "num_items",
  flag: "limited_data_use",
});

const ITEM = rows({
  text: "item_id:content_id:product_id:id:sku item_name:content_name:name item_brand:brand " +
    "item_category:content_category:category item_variant:variant",
  number: "price",
  whole: "quantity",
});

/* What may stand in `properties` where nobody chose it for us: a data layer is full of other things. */
const SMALL = "coupon shipping tax payment_type".split(" ");
const NOT_PROPERTIES = "event event_id user ecommerce items contents products".split(" ");

export function read(table: typeof EVENT, from: Fields, used: string[] = []): Fields {
  const found: Fields = {};
  for (const [reader, names] of table) {
    for (const name of names) {
      const value = reader(from[name]);
      if (value === undefined) continue;
      used.push(name);
      if (!(names[0] in found)) found[names[0]] = value;
    }
  }
  return found;
}

/* Everything of the public event but its name, id, time, page and user. `own`: the page said it to us, so that
   what we have no field for is kept as a property. */
export function toFields(props: Fields, own?: boolean): Fields {
  const used = [...NOT_PROPERTIES];
  const fields = read(EVENT, (props = Object(props) === props ? props : {}), used);

  // One product without a list around it, as Segment's "Product Added" and the pixel's ViewContent have it.
  const list = props.items || props.contents || props.products;
  const isProduct = text(props.item_id || props.content_id || props.product_id || props.sku);
  const items = (list ? [].concat(list) : isProduct ? [props] : [])
    .map((one) => read(ITEM, Object(one), list ? [] : used))
    .filter((one) => Object.keys(one)[0]);
  if (items[0]) fields.items = items.slice(0, LIST_MAX);

  const rest: Fields = {};
  for (const name of own ? Object.keys(props) : SMALL) {
    if (used.indexOf(name) < 0 && (own || text(props[name]))) rest[name] = props[name];
  }
  // As it is now, and only what is JSON: the page may go on with its object.
  const properties = guard(() => JSON.parse(JSON.stringify(rest)))();
  return properties && Object.keys(properties)[0] ? { ...fields, properties } : fields;
}
