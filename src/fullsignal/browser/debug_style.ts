/* How the overlay looks. A constructed sheet, because a page's Content-Security-Policy may allow no style element
   and no style attribute. Its host starts from nothing, and what it says is important: a page's rule for every
   element would win otherwise, and be inherited by what is inside. */

export const STYLE = `
:host { all: initial !important; position: fixed !important; right: 16px !important; bottom: 16px !important;
  z-index: 2147483647 !important;
  --ink: #e8eaf0; --dim: #9aa3b5; --ground: #14171f; --raised: #1e232e; --line: #323948; --mark: #7cc4ff;
  --good: #6fd39b; --wait: #f2c66d; --bad: #ff8f8f; }
* { box-sizing: border-box; margin: 0; }
.panel { width: min(420px, calc(100vw - 32px)); max-height: min(640px, calc(100vh - 32px)); display: flex;
  flex-direction: column; overflow: hidden; color: var(--ink); background: var(--ground);
  border: 1px solid var(--line); border-radius: 10px; box-shadow: 0 10px 36px rgb(0 0 0 / .42);
  font: 13px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; text-align: left; }
header { display: flex; align-items: center; gap: 8px; padding: 9px 10px 9px 14px; background: var(--raised); }
h2 { font-size: 13px; font-weight: 650; letter-spacing: .01em; }
header .sum { flex: 1; min-width: 0; color: var(--dim); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
button { font: inherit; color: var(--ink); background: none; border: 1px solid var(--line); border-radius: 6px;
  padding: 2px 9px; cursor: pointer; }
button:hover { background: var(--line); }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 1px; }
.body { overflow: auto; overscroll-behavior: contain; border-top: 1px solid var(--line); }
.folded .body { display: none; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 14px; padding: 11px 14px; }
dt { color: var(--dim); }
dd { min-width: 0; overflow-wrap: anywhere; }
code, pre { font: 11.5px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { padding: 6px 14px 12px 30px; color: var(--dim); white-space: pre-wrap; overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); }
summary { display: flex; align-items: baseline; gap: 8px; padding: 8px 14px; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "\\203a"; color: var(--dim); width: 8px; flex: none; }
details[open] > summary::before { content: "\\2304"; }
summary:hover { background: var(--raised); }
.section > summary { font-weight: 600; }
.count { color: var(--dim); font-weight: 400; }
.empty { padding: 2px 14px 12px 30px; color: var(--dim); }
.event > summary { flex-wrap: wrap; padding: 6px 14px; }
.event .name { font-weight: 550; }
.event time, .line time { color: var(--dim); font-variant-numeric: tabular-nums; margin-left: auto; }
.event .id { flex-basis: 100%; padding-left: 16px; color: var(--dim); overflow-wrap: anywhere; }
.badge { font-size: 11px; line-height: 1.5; padding: 0 7px; border: 1px solid currentColor; border-radius: 99px;
  color: var(--dim); white-space: nowrap; }
.badge.good { color: var(--good); } .badge.wait { color: var(--wait); } .badge.bad { color: var(--bad); }
.trouble { margin: 0 14px 10px 30px; padding: 6px 10px; border-left: 3px solid var(--bad); background: var(--raised); }
.trouble b { color: var(--bad); font-weight: 600; }
.line { display: flex; gap: 10px; padding: 3px 14px 3px 30px; }
.line:last-child { padding-bottom: 12px; }
.line .kind { color: var(--dim); width: 58px; flex: none; }
.line .text { min-width: 0; overflow-wrap: anywhere; }
`;
