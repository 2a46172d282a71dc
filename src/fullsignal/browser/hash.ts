/* Hashes made in the browser, of the same texts that the server would hash (fullsignal.identity).

   The server makes five hashes of an e-mail address and two of a phone number, because platforms normalise
   differently; out of a hash it cannot. So the browser makes the plain ones, and the others are lost. City, state
   and country stay: platforms take them in the clear. */

import type { Fields, User } from "./types";

const bare = (text: string) => text.toLowerCase().replace(/[\p{P}\p{S}]/gu, "").trim();

/* Of each field the text that is hashed; "" leaves the value out. */
const RULES: Record<string, (text: string, u: User) => string> = {
  email: (text) => (/^[^\s@]+@[^\s@]+$/.test(text) ? text.toLowerCase() : ""),
  // Without a + nobody here knows the country, and a hash of the wrong number would be of no use: left out.
  phone: (text) => {
    const number = text.replace(/\(0\)|[ ()./-]/g, "");
    return /^\+\d{7,15}$/.test(number) ? number : "";
  },
  external_id: (text) => text,
  first_name: bare,
  last_name: bare,
  zip: (text, u) => {
    const code = text.toLowerCase().replace(/[\s\p{Pd}]/gu, "");
    return /^us$/i.test(u.country || "") ? code.slice(0, 5) : code;
  },
};

/* 64 lower-case hex digits. Rejects where the browser has no SHA-256: on pages without https. */
export async function sha256(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (one) => (one + 256).toString(16).slice(1)).join("");
}

/* The same person with hashes instead of texts; what is a hash already stays, what cannot be hashed goes. */
export async function hashUser(u: User): Promise<User> {
  const hashed: Fields = { ...u };
  for (const field in RULES) {
    const made = [];
    for (const one of [].concat(hashed[field] || [])) {
      const text = String(one).replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "").normalize().trim();
      const isHash = /^[\da-f]{64}$/i.test(text);
      const plain = isHash ? "" : RULES[field](text, u);
      made.push(isHash ? text.toLowerCase() : plain && (await sha256(plain).catch(() => "")));
    }
    const found = made.filter(Boolean);
    if (found[0]) hashed[field] = found[1] ? found : found[0];
    else delete hashed[field];
  }
  return hashed;
}
