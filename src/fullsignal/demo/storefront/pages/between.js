/* Between two visits, where no tracking script runs that could write anew what is deleted here. */
(function () {
  "use strict";
  var about = document.body.dataset;
  var deleted = [];

  /* What Safari does to cookies and storage that scripts wrote, when seven days are over. _fs_v and cart were
     set by the shop's server, so they stay; so do cookies that scripts cannot read. */
  function forget() {
    document.cookie.split("; ").forEach(function (pair) {
      var name = pair.split("=")[0];
      if (!name || name === "_fs_v" || name === "cart") return;
      document.cookie = name + "=; Path=/; Max-Age=0";
      deleted.push(name);
    });
    if (localStorage.length) deleted.push("local storage");
    localStorage.clear();
  }

  function post(path, body) { return fetch(path, { method: "POST", body: JSON.stringify(body || {}) }); }

  /* What the last page sent as it was left has arrived by then. */
  setTimeout(function () {
    if (about.forget) forget();
    post(about.post).then(function () {
      return post("/_demo/deleted", { names: deleted });
    }).then(function () {
      setTimeout(function () { location.replace("/"); }, 600);
    });
  }, 400);
})();
