"use strict";(()=>{var O={held:"held",sent:"sent",dropped:"dropped"},A=/\b(absent|waiting|blocked|called|requested)\b/,E=()=>({events:[],visitor:"",mode:"",heard:null,settings:null,answer:null,problems:[],lines:[]});function v(e,t){let n=t.text.split(" ").pop(),r=t.data||{};e.lines=[...e.lines,t].slice(-500);for(let i of e.events)i.id=String(i.data.event_id||i.id);if(t.kind=="event")T(e,t,r);else for(let i of e.events)P(i,t);t.kind=="visitor"&&(e.visitor=n),t.kind=="settings"&&(e.settings=r),t.kind=="answer"&&(e.answer=t),t.kind=="problem"&&e.problems.push(t),t.kind=="consent"&&(e.mode=t.text.split(/\W/)[0],e.heard=r)}function T(e,t,n){if(e.events.some(a=>a.data==n))return;let{event:r,event_id:i}=n,s={id:String(i),name:r,at:t.at,state:"collected",pixel:"",problems:[],data:n};e.events=[...e.events,s].slice(-200)}function P(e,t){let n=N(t.data,e.id);!n&&!t.text.split(/[\s:,]+/).includes(e.id)||(e.state=O[t.kind]||e.state,t.kind=="pixel"&&(e.pixel=n&&n.state||(A.exec(t.text)||[])[0]||e.pixel),t.kind=="answer"&&n&&(e.state=n.status||"answered",e.problems=n.errors||[]))}function N(e,t,n=0){if(e===t)return{};if(!(!e||typeof e!="object"||n>3)){if(e.event_id==t)return e;for(let r of Object.values(e)){let i=N(r,t,n+1);if(i)return i}}}function m(e){let t=/^(email|phone|first_name|last_name|external_id|zip|city)$/;return JSON.stringify(e,(r,i)=>t.test(r)&&!H(i)?"(hidden here)":i,2)||""}function H(e){return[].concat(e).every(t=>/^[0-9a-f]{64}$/.test(String(t)))}var M=`
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
`;var D={accepted:"good",requested:"good",called:"good",go:"good",granted:"good",held:"wait",collected:"wait",sent:"wait",waiting:"wait",hold:"wait",bare:"wait",duplicate:"wait",dropped:"bad",rejected:"bad",blocked:"bad",drop:"bad",denied:"bad"},R={"":"waits for its settings",go:"sends and stores",bare:"sends, and stores nothing",hold:"waits for consent",drop:"sends nothing and keeps nothing"},j=["ad_user_data","ad_storage","ad_personalization"];function $(e){let t=document.createElement("fullsignal-debug"),n=t.attachShadow({mode:"open"}),r=new CSSStyleSheet;r.replaceSync(M),n.adoptedStyleSheets=[r];let i=o("span","sum");i.setAttribute("role","status");let s=o("button","","Hide"),a=o("button","","Close"),l=o("dl"),w=g("Events",!0),u={settings:g("Settings"),answer:g("The collector's last answer"),lines:g("All lines")},f=o("div","body",l,w.box,...Object.values(u).map(d=>d.box));f.id="body",f.tabIndex=-1;let p=o("section","panel",o("header","",o("h2","","fullsignal"),i,s,a),f);p.setAttribute("aria-label","fullsignal debug"),s.setAttribute("aria-controls",f.id),n.append(p),document.documentElement.append(t);let b=d=>{p.classList.toggle("folded",d),s.setAttribute("aria-expanded",String(!d)),s.textContent=d?"Show":"Hide"},y=()=>{t.remove(),e()};s.addEventListener("click",()=>b(!p.classList.contains("folded"))),a.addEventListener("click",y),p.addEventListener("keydown",d=>{d.key=="Escape"&&(b(!0),s.focus())}),b(!1);let S=new Map;return{show:d=>{let k=d.events.filter(c=>c.problems.length).length;i.textContent=`${q(d.events.length,"event")}${k?`, ${k} rejected`:""}`,l.replaceChildren(...z(d));let L=d.events.map(c=>{let h=S.get(c)||I();return S.set(c,h),h.show(c),h.box});w.fill(L.reverse(),L.length),u.settings.fill(d.settings?[o("pre","",m(d.settings))]:[]),u.answer.fill(d.answer?[_(d.answer),o("pre","",m(d.answer.data))]:[]),u.lines.fill(d.lines.map(_).reverse(),d.lines.length)},remove:y}}function z(e){let t=[],n=(i,...s)=>t.push(o("dt","",i),o("dd","",...s));if(n("Visitor",e.visitor?o("code","",e.visitor):"none yet"),n("Script",e.mode?x(e.mode):"",` ${R[e.mode]}`),e.heard){let{consent:i,from:s,optedOut:a}=e.heard;for(let l of j)n(l,x(i[l]||"unknown"));n("Said by",s?s.replace(/_/g," "):"nobody yet"),a&&n("Opted out","yes: Global Privacy Control, or the shop's own choice")}let r=e.settings&&e.settings.pixel;e.settings&&n("Pixel",r?o("code","",r.code):"not loaded by this script");for(let i of e.problems.slice(-3))t.push(o("dt","","Problem"),o("dd","",i.text));return t}function I(){let e=o("summary"),t=o("div"),n=o("details","event",e,t),r=!1;return{box:n,show:s=>{let a=s.pixel?[x(s.pixel,`pixel ${s.pixel}`)]:[];e.replaceChildren(o("span","name",s.name||"event"),x(s.state),...a,C(s.at),o("code","id",s.id)),t.replaceChildren(...s.problems.map(X),o("pre","",m(s.data))),s.problems.length&&!r&&(n.open=r=!0)}}}function X(e){let t=`${e.field?`${e.field}: `:""}${e.message}`;return o("div","trouble",o("b","",t),o("div","",e.remedy||""))}function _(e){return o("div","line",o("span","kind",e.kind),o("span","text",e.text),C(e.at))}function g(e,t=!1){let n=o("span","count"),r=o("div"),i=o("details","section",o("summary","",e,n),r);return i.open=t,{box:i,fill:(a,l)=>{n.textContent=l===void 0?"":String(l),r.replaceChildren(...a.length?a:[o("div","empty","Nothing yet.")])}}}function x(e,t=e){return o("span",`badge ${D[e]||""}`,t)}function C(e){let t=o("time","",new Date(e).toTimeString().slice(0,8));return t.setAttribute("datetime",new Date(e).toISOString()),t}function q(e,t){return`${e} ${t}${e==1?"":"s"}`}function o(e,t="",...n){let r=document.createElement(e);return t&&(r.className=t),r.append(...n),r}function F(){let e=window.fullsignal.log,t=e.push,n=E(),r=$(()=>{e.push=t}),i=!1,s=()=>{i||(i=!0,requestAnimationFrame(()=>{i=!1,r.show(n)}))};e.forEach(a=>v(n,a)),e.push=(...a)=>(a.forEach(l=>v(n,l)),s(),t.apply(e,a)),r.show(n)}document.querySelector("fullsignal-debug")||(document.body?F():document.addEventListener("DOMContentLoaded",F));})();
