/* A stand-in for TikTok's pixel script, for local pages. It understands the queue that the standard base
   code builds and posts to the host it was loaded from. Not TikTok's code: written from public descriptions. */
(function () {
  "use strict";
  var ttq = (window[window.TiktokAnalyticsObject || "ttq"] = window[window.TiktokAnalyticsObject || "ttq"] || []);
  var script = document.currentScript || document.querySelector('script[src*="/i18n/pixel/events.js"]');
  var origin = new URL(script.src).origin;
  var METHODS = ["page", "track", "identify", "instances", "debug", "on", "off", "once", "ready", "alias",
    "group", "enableCookie", "disableCookie", "holdConsent", "revokeConsent", "grantConsent"];
  var HASHED = ["email", "phone_number", "first_name", "last_name", "zip_code"];
  var PLAIN = ["external_id", "city", "state", "country"];
  var THIRTEEN_MONTHS = 13 * 30 * 86400;
  // One state for all pixels of a page, however often this script is loaded.
  var state = ttq._standin = ttq._standin || {
    user: {}, labels: {}, consent: "granted", cookies: true, held: [], listeners: {}, debug: false,
    chain: Promise.resolve(), watching: false
  };

  function log() {
    if (state.debug) console.log.apply(console, ["[TT]"].concat([].slice.call(arguments)));
  }

  function cookie(name, value) {
    if (value === undefined) {
      var found = document.cookie.split("; ").filter(function (c) { return c.indexOf(name + "=") === 0; })[0];
      return found ? found.slice(name.length + 1) : "";
    }
    document.cookie = name + "=" + value + "; Path=/; SameSite=Lax; Max-Age=" + (value ? THIRTEEN_MONTHS : 0) +
      (location.protocol === "https:" ? "; Secure" : "");
    return value;
  }

  function browserId() {
    var letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    return Array.from(crypto.getRandomValues(new Uint8Array(27)), function (n) { return letters[n % 62]; }).join("");
  }

  function keepCookies() {
    if (!state.cookies || state.consent !== "granted") return;
    cookie("_tt_enable_cookie", "1");
    cookie("_ttp", cookie("_ttp") || browserId()); // written again: the lifetime counts from the last use
    var click = new URLSearchParams(location.search).get("ttclid");
    if (click) cookie("ttclid", encodeURIComponent(click));
  }

  function clickId() {
    return new URLSearchParams(location.search).get("ttclid") || decodeURIComponent(cookie("ttclid"));
  }

  function sha256(text) {
    return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)).then(function (bytes) {
      return Array.from(new Uint8Array(bytes), function (b) { return b.toString(16).padStart(2, "0"); }).join("");
    });
  }

  function normalised(field, value) {
    value = String(value).trim().toLowerCase();
    if (field === "phone_number") return value.replace(/[\s().-]/g, "");
    if (field === "zip_code") return value.replace(/[\s-]/g, "");
    return value;
  }

  function looksRight(field, value) {
    return field === "email" ? /^\S+@\S+\.\S+$/.test(value) : /^\+[1-9]\d{6,14}$/.test(value);
  }

  function identify(given) {
    given = given || {};
    var waiting = [];
    PLAIN.forEach(function (field) {
      // external_id goes out as it is: so it was in a recording (S14).
      if (given[field]) state.user[field] = String(given[field]);
    });
    HASHED.forEach(function (field) {
      var ready = given["sha256_" + field];
      var short = field === "phone_number" ? "phone" : field;
      if (ready) {
        state.user[field] = String(ready);
        state.labels["hashed_" + short] = { label: /^[0-9a-f]{64}$/.test(ready) ? "valid" : "invalid" };
      }
      if (ready || !given[field]) return;
      var clean = normalised(field, given[field]);
      if (/^[0-9a-f]{64}$/.test(clean)) { state.user[field] = clean; return; }
      if (short === "email" || short === "phone") {
        state.labels["raw_" + short] = { label: looksRight(field, clean) ? "valid" : "invalid" };
      }
      if (!(window.crypto && crypto.subtle)) { console.warn("[TT] no crypto.subtle on this page", field); return; }
      waiting.push(sha256(clean).then(function (digest) { state.user[field] = digest; }));
    });
    return Promise.all(waiting);
  }

  function user() {
    var known = Object.assign({}, state.user);
    if (state.cookies && cookie("_ttp")) known.ttp = cookie("_ttp");
    return known;
  }

  function send(event) {
    if (state.consent === "revoked") return;
    if (state.consent === "held") { state.held.push(event); return; }
    keepCookies();
    event.body.context.user = user();
    event.body.context.ad = { sdk_env: "external", jsb_status: 2 };
    if (clickId()) event.body.context.ad.callback = clickId();
    var text = JSON.stringify(event.body);
    log(event.body.event, event.body);
    if (!navigator.sendBeacon(origin + "/api/v2/pixel", text)) {
      fetch(origin + "/api/v2/pixel", { method: "POST", body: text, keepalive: true }).catch(function () {});
    }
    emit(event.body.event === "Pageview" ? "page" : "track", event.body);
  }

  function track(codes, name, properties, options) {
    options = options || {};
    if (!name) return;
    if (options.pixel_code) codes = [options.pixel_code];
    codes.forEach(function (code) {
      var limited = ((ttq._o || {})[code] || {}).limited_data_use;
      var body = {
        event: name, event_id: options.event_id === undefined ? "" : String(options.event_id),
        message_id: "messageId-" + Date.now() + "-" + String(Math.random()).slice(2, 15) + "-" + code,
        is_onsite: false, timestamp: new Date().toISOString(),
        context: {
          device: { platform: "pc" }, pixel: { code: code, runtime: "1" },
          page: { url: location.href, referrer: document.referrer, load_progress: "2" },
          library: { name: "pixel.js", version: "standin" },
          userAgent: navigator.userAgent, locale: navigator.language
        },
        _inspection: { identity_params: {} }, properties: properties || {}, signal_diagnostic_labels: state.labels
      };
      if (limited) body.limited_data_use = true;
      send({ body: body });
    });
  }

  function emit(name, detail) {
    (state.listeners[name] || []).slice().forEach(function (listener) { listener(detail); });
  }

  function listen(name, listener) { (state.listeners[name] = state.listeners[name] || []).push(listener); }

  function forget(name, listener) {
    state.listeners[name] = (state.listeners[name] || []).filter(function (l) { return l !== listener; });
  }

  var calls = {
    page: function (codes, properties) { track(codes, "Pageview", properties); },
    track: track,
    identify: function (codes, given) { return identify(given); },
    instances: function () {},
    debug: function (codes, on) { state.debug = on !== false; },
    on: function (codes, name, listener) { listen(name, listener); },
    off: function (codes, name, listener) { forget(name, listener); },
    once: function (codes, name, listener) {
      listen(name, function once(detail) { forget(name, once); listener(detail); });
    },
    ready: function (codes, callback) { callback(ttq); },
    alias: function () {},
    group: function () {},
    enableCookie: function () { state.cookies = true; keepCookies(); },
    disableCookie: function () {
      state.cookies = false;
      ["_ttp", "_tt_enable_cookie", "ttclid"].forEach(function (name) { cookie(name, ""); });
    },
    holdConsent: function () { state.consent = "held"; },
    grantConsent: function () {
      state.consent = "granted";
      keepCookies();
      state.held.splice(0).forEach(send);
    },
    revokeConsent: function () { state.consent = "revoked"; state.held = []; }
  };

  // Calls run one after the other: hashing takes a moment, and a track after an identify must wait for it.
  function call(codes, method, args) {
    state.chain = state.chain.then(function () {
      return calls[method].apply(null, [codes()].concat(args));
    }).catch(function (problem) { console.error("[TT]", problem); });
  }

  function take(target, codes) {
    METHODS.forEach(function (method) {
      target[method] = function () { call(codes, method, [].slice.call(arguments)); };
    });
    target.push = function (queued) { call(codes, queued[0], [].slice.call(queued, 1)); };
  }

  function replay(target, codes) {
    var queued = Array.prototype.splice.call(target, 0);
    queued.forEach(function (entry) {
      if (calls[entry[0]]) call(codes, entry[0], [].slice.call(entry, 1));
    });
  }

  function watchHistory() {
    var wanted = Object.keys(ttq._o || {}).some(function (code) { return (ttq._o[code] || {}).historyObserver !== false; });
    if (state.watching || !wanted) return;
    state.watching = true;
    ["pushState", "replaceState"].forEach(function (method) {
      var original = history[method];
      history[method] = function () {
        var before = location.href;
        var result = original.apply(this, arguments);
        if (location.href !== before) ttq.page();
        return result;
      };
    });
    addEventListener("popstate", function () { ttq.page(); });
  }

  function all() { return Object.keys(ttq._i || {}); }

  ttq._i = ttq._i || {};
  var fresh = all().filter(function (code) { return !ttq._i[code]._standin; });
  var queue = Array.isArray(ttq) && !ttq._taken;
  if (queue) {
    if (/(^|; )pixel_debug=true/.test(document.cookie)) state.debug = true;
    // What was queued before the first load, holdConsent for one, applies before anything is set.
    replay(ttq, all);
    ttq._taken = true;
    take(ttq, all);
    ttq.instance = function (code) { return ttq._i[code]; };
    ttq.instances = function () { return all().map(ttq.instance); };
  }
  fresh.forEach(function (code) {
    var one = function () { return [code]; };
    ttq._i[code]._standin = true;
    replay(ttq._i[code], one);
    take(ttq._i[code], one);
  });
  state.chain = state.chain.then(keepCookies);
  watchHistory();
})();
