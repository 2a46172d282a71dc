/* Who it is: goes with every event from here on, and with the page's view once more, for who does nothing else. */

import { READ, again, hooks, keep, kept, maySend, mayStore, read, rows, state, text, view } from "./core";
import { hashUser } from "./hash";
import type { Fields, User } from "./types";

READ.many = (value) => READ.list(value) || text(value);

const USER = rows({
  many: "email:email_address:sha256_email_address phone:phone_number:sha256_phone_number",
  text: "external_id:user_id:userId:id first_name:firstName last_name:lastName city state:region " +
    "zip:zip_code:postal_code:postalCode country",
});

/* A person as identify() is told of one, in our words or Segment's; or `user_data` of a data layer. */
function toUser(who: any, traits?: Fields): User {
  const told: Fields = Object(who) === who ? who : { ...traits, id: who };
  return read(USER, { ...([] as any[]).concat(told.address)[0], ...told });
}

export const identify = (who: unknown, traits?: Fields) => learn(toUser(who, traits));

export async function learn(told: User): Promise<void> {
  if (state.settings.hash_in_browser) told = await hashUser(told);
  if (!Object.keys(told)[0]) return;
  state.user = { ...state.user, ...told };
  if (!maySend()) return;
  meet();
  if (view && (view.done || view.away)) again(view);
}

/* The next pages know the same person, as hashes. */
export async function meet(): Promise<void> {
  const { user } = state;
  hooks.introduce(user);
  const hashed: Fields = await hashUser(user);
  for (const field in hashed) if (!/^[\da-f,]{64,}$/.test(hashed[field])) delete hashed[field];
  if (!mayStore()) return;
  kept.user = hashed;
  keep();
}
