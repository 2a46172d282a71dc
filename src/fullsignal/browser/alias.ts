/* Segment's window.analytics, where a site asks for it. */

import { call, guard } from "./core";

const page = window as any;

/* window.analytics; what was queued in the array that stood there is done. Of Segment's other methods a page may
   call the usual ones, and nothing comes of it. */
export function alias(): void {
  const queued = page.analytics || [];
  const { track, identify, reset, page: view } = page.fullsignal;
  page.analytics = { track, identify, reset, page: view, ready: guard((then: () => void) => then()) };
  for (const name of ["alias", "group", "on", "once", "load"]) page.analytics[name] = () => {};
  if (queued.map) queued.map(call);
}
