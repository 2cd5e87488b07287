/* The review page: marking fields to return, and J / K to walk the list. It works without. */
(function () {
  "use strict";

  var form = document.querySelector("[data-review]");

  var show = function () {
    if (!form) return;
    var marks = Array.prototype.slice.call(form.querySelectorAll("[data-back]"));
    var count = 0;
    marks.forEach(function (box) {
      var why = document.getElementById(box.dataset.back);
      if (why) why.hidden = !box.checked;
      box.closest("li").classList.toggle("is-back", box.checked);
      if (box.checked) count += 1;
    });
    var back = form.querySelector("[data-marked]");
    var go = form.querySelector("[data-unmarked]");
    var place = form.querySelector("[data-marked-count]");
    if (back) back.hidden = count === 0;
    if (place) place.textContent = count;
    // What is marked must be returned, or unmarked first.
    if (go) {
      go.disabled = count > 0;
      go.classList.toggle("btn-main", count === 0);
    }
  };

  var walk = function (by) {
    var links = Array.prototype.slice.call(document.querySelectorAll("tbody a[href*='/review/']"));
    var here = links.findIndex(function (link) { return link.getAttribute("aria-current"); });
    var next = links[here + by];
    if (next) next.click();
  };

  if (form) {
    form.addEventListener("change", function (event) {
      if (!event.target.dataset.back) return;
      show();
      var why = document.getElementById(event.target.dataset.back);
      if (why && event.target.checked) why.querySelector("input").focus();
    });
  }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.key === "j") walk(1);
    if (event.key === "k") walk(-1);
  });
  show();
})();
