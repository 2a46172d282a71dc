/* What a browser keeps for us, where it is allowed to. */

export function read(name: string): any {
  try {
    return JSON.parse(localStorage.getItem(name) as string);
  } catch (e) {}
}

export function write(name: string, value: unknown): void {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch (e) {}
}

export function cookie(name: string): string {
  try {
    return decoded(("; " + document.cookie).split("; " + name + "=")[1].split(";")[0]);
  } catch (e) {
    return "";
  }
}

/* Percent-decoded, or as it is where that is not possible. */
export function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (e) {
    return value;
  }
}
