/* The demo's switches, its consent banner and the frame of the panel. No part of the shop, and none of fullsignal. */
(function () {
  "use strict";
  function post(path, body) {
    return fetch(path, { method: "POST", body: JSON.stringify(body || {}) }).then(function (answer) { return answer.json(); });
  }

  function each(selector, what) { Array.prototype.forEach.call(document.querySelectorAll(selector), what); }

  each("[data-switch]", function (input) {
    input.addEventListener("change", function () {
      var value = input.type === "checkbox" ? (input.checked ? "on" : "off") : input.value;
      post("/_demo/switch", { name: input.dataset.switch, value: value }).then(function () { location.reload(); });
    });
  });

  each("[data-consent]", function (button) {
    button.addEventListener("click", function () {
      var answer = button.dataset.consent;
      fullsignal("consent", answer);
      post("/_demo/consent", { answer: answer });
      document.querySelector(".consent").remove();
    });
  });

  /* The panel is open on wide screens until somebody folds it, and folded on narrow ones until somebody opens it. */
  var wide = matchMedia("(min-width: 900px)").matches;
  var open = wide;
  try { open = (sessionStorage.getItem("demo-panel") || (wide ? "open" : "")) === "open"; } catch (_) {}
  function show() { document.documentElement.classList.toggle("demo-panel-open", open); }
  show();
  addEventListener("message", function (event) {
    if (event.origin !== location.origin) return;
    if (event.data === "demo-panel-toggle") {
      open = !open;
      try { sessionStorage.setItem("demo-panel", open ? "open" : "folded"); } catch (_) {}
      show();
    } else if (event.data && event.data.wanted) {
      document.documentElement.style.setProperty("--wanted", event.data.wanted + "px");
    } else if (event.data === "demo-start-over") {
      location.href = "/_demo/over";
    }
  });
})();
