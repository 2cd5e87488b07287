/* The server's clock of the shown card: the page only counts on from it. */
(function () {
  "use strict";

  var clock = document.querySelector("[data-clock]");
  if (!clock) return;
  var parts = clock.dataset.clock.split(":");
  var shown = Number(parts[0]) * 3600 + Number(parts[1]) * 60 + Number(parts[2]);
  var begun = Date.now();
  var two = function (number) { return (number < 10 ? "0" : "") + number; };

  setInterval(function () {
    var at = shown + Math.floor((Date.now() - begun) / 1000);
    clock.textContent =
      two(Math.floor(at / 3600) % 24) + ":" + two(Math.floor(at / 60) % 60) + ":" + two(at % 60);
  }, 250);

  // A page that slept in the browser's drawer asks the server again before it is shown.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) location.reload();
  });
})();
