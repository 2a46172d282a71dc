/* What people enter into forms, where the site asks for it: only in forms that `forms` of its settings names, only
   when they are submitted, and only fields whose meaning is declared. Nothing is read while somebody types. */

import { attempt } from "./cmp";
import type { Fields, Settings, User } from "./types";

/* token of `autocomplete`, or type of a field -> our field */
const MEANS: Record<string, string> = {
  email: "email",
  tel: "phone",
  "given-name": "first_name",
  "family-name": "last_name",
  "address-level2": "city",
  "address-level1": "state",
  "postal-code": "zip",
  country: "country",
  external_id: "external_id",
};

/* Passwords, hidden fields, boxes and files are not among them. */
const TYPES = /^(text|email|tel|select-one)$/;
const NEVER = /card|cvv|cvc|iban|ssn|pass|otp|one-time|\bcc-/i;

export function watchForms(s: Settings, identify: (u: User) => void): void {
  if (!s.forms[0]) return;
  // While it is on its way down to the form: a page that stops the event there does not hide it.
  document.addEventListener("submit", (e) => attempt(() => submitted(e.target as HTMLFormElement)), true);

  function submitted(form: HTMLFormElement): void {
    if (!form.matches(s.forms.join())) return;
    const user: Fields = {};
    for (const one of Array.from(form.elements) as HTMLInputElement[]) {
      const field = meaning(one);
      const value = field && one.value.trim();
      if (value) user[field] = user[field] || value;
    }
    if (!Object.keys(user)[0]) return;
    identify(user);
  }
}

/* Our name of a form's field; "" where it is not to be read. */
function meaning(one: HTMLInputElement): string {
  const hints = one.autocomplete;
  const declared = one.getAttribute("data-fs-field");
  if (!TYPES.test(one.type) || NEVER.test([one.name, one.id, hints].join(" ")) || one.closest("[data-fs-ignore]")) {
    return "";
  }
  if (declared) return Object.values(MEANS).includes(declared) ? declared : "";
  return MEANS[[...hints.split(" "), one.type].filter((hint) => MEANS[hint])[0]] || "";
}
