/* Small conveniences. Every page works without them. */
(function () {
  "use strict";

  var once = function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    // A second tap on a slow network must not send the same thing twice.
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(function () { delete form.dataset.sent; }, 8000);
  };

  var closePops = function (except) {
    document.querySelectorAll("details[data-pop][open]").forEach(function (pop) {
      if (pop !== except) pop.open = false;
    });
  };

  // <input type="checkbox" data-show="#password">
  var showPassword = function (box) {
    var input = document.querySelector(box.dataset.show);
    if (input) input.type = box.checked ? "text" : "password";
  };

  // <input type="checkbox" data-pick-all="ids">; [data-picked="ids"] shows how many.
  var picked = function (name) {
    var boxes = Array.prototype.slice.call(document.querySelectorAll('input[name="' + name + '"]'));
    var marked = boxes.filter(function (box) { return box.checked; });
    boxes.forEach(function (box) {
      var row = box.closest("tr");
      if (row) row.classList.toggle("is-picked", box.checked);
    });
    document.querySelectorAll('[data-picked="' + name + '"]').forEach(function (place) {
      place.textContent = marked.length;
    });
    document.querySelectorAll('[data-pick-all="' + name + '"]').forEach(function (all) {
      all.checked = boxes.length > 0 && marked.length === boxes.length;
      all.indeterminate = marked.length > 0 && marked.length < boxes.length;
    });
  };

  document.addEventListener("submit", once);
  document.addEventListener("click", function (event) {
    closePops(event.target.closest("details[data-pop]"));
    var print = event.target.closest("[data-print]");
    if (print) window.print();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var open = document.querySelector("details[data-pop][open]");
    closePops(null);
    if (open) open.querySelector("summary").focus();
  });
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (box.dataset.show) showPassword(box);
    if (box.dataset.pickAll) {
      document.querySelectorAll('input[name="' + box.dataset.pickAll + '"]').forEach(function (one) {
        one.checked = box.checked;
      });
      picked(box.dataset.pickAll);
    } else if (box.type === "checkbox" && box.name && document.querySelector('[data-pick-all="' + box.name + '"]')) {
      picked(box.name);
    }
  });
  var first = document.querySelector("[data-focus]");
  if (first) first.focus();
})();
