/* The panel: asks the demo once a second what TikTok got to know, and tells it. Works without fullsignal's script. */
(function () {
  "use strict";
  var shown = "";

  function el(tag, text, kind) {
    var made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  function add(to, children) {
    children.forEach(function (child) { if (child) to.appendChild(child); });
    return to;
  }

  function dollars(value) {
    return "$" + Number(value).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }

  function headline(told) {
    var head = document.getElementById("headline");
    head.textContent = "";
    var h = told.headline;
    if (!h.sales) {
      add(head, [el("span", "What TikTok got to know"), el("span", "your sales show up here", "more")]);
      return;
    }
    function side(words, one, kind) {
      var line = el("span", "", kind);
      add(line, [el("b", words + ": "), el("span", one.sales + " of " + h.sales),
        el("span", h.sales === 1 ? " sale" : " sales", "wide"), el("span", ", " + dollars(one.value))]);
      return line;
    }
    var more = ["credited to an ad: " + h.pixel.credited + " → " + h.tiktok.credited];
    if (h.waiting) more.push(h.waiting + " on the way");
    if (h.kept) more.push(h.kept + " kept back");
    if (h.left_out) more.push(h.left_out + " declined, so not sent");
    add(head, [side("Pixel alone", h.pixel), side("With fullsignal", h.tiktok, "with"), el("span", more.join(" · "), "more")]);
  }

  function facts(one, fromAd) {
    var list = el("ul", undefined, "facts");
    add(list, [
      el("li", one.person ? "✓ TikTok knows the buyer" : "– TikTok does not know the buyer", one.person ? "good" : "bad"),
      el("li", one.ad ? "✓ credited to the ad" : fromAd ? "– credited to no ad" : "– there was no ad", one.ad ? "good" : fromAd ? "bad" : "")
    ]);
    return list;
  }

  function cell(head, verdict, kind, one, sale) {
    var td = el("td");
    td.dataset.head = head;
    add(td, [el("div", verdict, "verdict " + kind)]);
    if (one.counted) add(td, [facts(one, sale.from_ad), el("p", "It was told: " + one.words.join(", "), "keys")]);
    return td;
  }

  function pixelCell(sale) {
    var one = sale.pixel;
    return one.counted ? cell("The pixel alone", "✓ Reported", "good", one, sale) : cell("The pixel alone", "✗ Not reported", "bad", one, sale);
  }

  function allCell(sale) {
    var one = sale.tiktok, head = "With fullsignal";
    if (one.counted > 1) return cell(head, "✗ Counted " + one.counted + " times", "bad", one, sale);
    if (sale.verdict === "declined") return cell(head, "Nothing sent, as the visitor wished", "wait", one, sale);
    if (one.counted && sale.verdict === "reached") return cell(head, "✓ Reported, counted once", "good", one, sale);
    if (sale.verdict === "waiting") return cell(head, "… on its way", "wait", one, sale);
    if (one.counted) return cell(head, "By the pixel only", "bad", one, sale);
    return cell(head, sale.state === "held" ? "Kept back" : "✗ Not sent", "wait", one, sale);
  }

  function row(sale) {
    var first = el("td", undefined, "number"), why = el("td"), story = el("a", "the whole story");
    story.href = sale.story;
    story.target = "_blank";
    add(first, [el("span", "#" + sale.number + " "), el("span", dollars(sale.value)), story]);
    sale.why.forEach(function (words) { why.appendChild(el("p", words, "why")); });
    why.dataset.head = "Why";
    return add(el("tr"), [first, pixelCell(sale), allCell(sale), why]);
  }

  function draw(told) {
    headline(told);
    var sales = document.querySelector("#sales tbody"), events = document.querySelector("#events tbody");
    sales.textContent = events.textContent = "";
    add(sales, told.sales.map(row));
    add(events, told.events.map(function (one) {
      var pixel = el("td", String(one.pixel), one.pixel < one.tiktok ? "less" : "");
      return add(el("tr"), [el("td", one.words), pixel, el("td", String(one.tiktok))]);
    }));
    document.getElementById("sales").hidden = !told.sales.length;
    document.getElementById("none").hidden = !!told.sales.length;
    document.getElementById("events").hidden = !told.events.length;
    document.getElementById("about").textContent =
      "It is " + told.today + " by the demo's clock" + (told.away_days ? ", " + told.away_days + " days after you came" : "") +
      ". TikTok is a stand-in on this machine: it checks, matches and counts as TikTok documents, knows the invented " +
      "buyer, and credits a sale to the ad that was clicked in the 28 days before it.";
  }

  function look() {
    fetch("/_demo/panel.json").then(function (answer) { return answer.json(); }).then(function (told) {
      var text = JSON.stringify(told);
      if (text !== shown) { shown = text; draw(told); }
    }).catch(function () {
      document.getElementById("headline").textContent = "The demo has ended. Start it again: fullsignal demo --shop";
      shown = "";
    }).then(function () { setTimeout(look, 1000); });
  }

  document.getElementById("fold").onclick = function () { parent.postMessage("demo-panel-toggle", location.origin); };
  document.getElementById("over").onclick = function () { parent.postMessage("demo-start-over", location.origin); };
  var content = document.getElementById("content");
  new ResizeObserver(function () {
    document.getElementById("fold").textContent = innerHeight > 80 ? "▾" : "▴";
    parent.postMessage({ wanted: Math.ceil(content.offsetHeight) + 58 + 2 }, location.origin);
  }).observe(content);
  addEventListener("resize", function () { document.getElementById("fold").textContent = innerHeight > 80 ? "▾" : "▴"; });
  look();
})();
