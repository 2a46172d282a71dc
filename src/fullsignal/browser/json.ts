/* As the language has it: with an old library's Array.prototype.toJSON, lists would become texts. */
export function json(value: unknown): string {
  const lists = Array.prototype as any;
  const { toJSON } = lists;
  delete lists.toJSON;
  try {
    return JSON.stringify(value);
  } finally {
    if (toJSON) lists.toJSON = toJSON;
  }
}
