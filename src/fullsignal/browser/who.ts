/* The visitor's id, for parts. */

import { kept, mayStore } from "./core";

export const visitor = () => (mayStore() && kept.visitor) || "";
