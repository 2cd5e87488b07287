/* Answers that came too late stay on the phone; the result says which. */
(function () {
  "use strict";
  var place = document.getElementById("refused");
  var late = window.ExamStore(place.dataset.attempt).refused();
  if (!late.length) return;
  var seen = {};
  late.forEach(function (tap) { seen[tap.question] = tap.choice.join(""); });
  place.querySelector("span").textContent = Object.keys(seen).map(function (number) {
    return number + " " + (seen[number] || "–");
  }).join(" · ");
  place.hidden = false;
})();
