/* The demo's clock is ahead: this browser's goes with it. */
(function (ahead) {
  var Real = Date;
  window.Date = class extends Real {
    constructor() { arguments.length ? super(...arguments) : super(Real.now() + ahead); }
    static now() { return Real.now() + ahead; }
  };
})($offset);
