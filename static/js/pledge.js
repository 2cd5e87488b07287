/* Signing with a finger. Without this script the name is typed; the server checks either. */
(function () {
  "use strict";

  var form = document.querySelector("[data-sign]");
  if (!form || !window.PointerEvent) return;
  var draw = form.querySelector("[data-draw]");
  var type = form.querySelector("[data-type]");
  var pad = form.querySelector("[data-pad]");
  var empty = form.querySelector("[data-empty]");
  var back = form.querySelector("[data-to-drawing]");
  var typed = form.elements.typed_name;
  var pen = pad.getContext("2d");
  var last = null;
  var strokes = 0;

  var clear = function () {
    var box = pad.getBoundingClientRect();
    // Enough dots for paper, few enough for 60 kB.
    var scale = Math.min(2, window.devicePixelRatio || 1);
    pad.width = Math.round(box.width * scale);
    pad.height = Math.round(box.height * scale);
    pen.scale(scale, scale);
    pen.lineWidth = 3.5;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#182230";
    strokes = 0;
  };
  var show = function (isDrawing) {
    draw.hidden = !isDrawing;
    type.hidden = isDrawing;
    back.hidden = isDrawing;
    empty.hidden = true;
    typed.required = !isDrawing;
    if (isDrawing) clear();
    else typed.focus();
  };
  var at = function (event) {
    var box = pad.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  pad.addEventListener("pointerdown", function (event) {
    event.preventDefault();
    if (pad.setPointerCapture) pad.setPointerCapture(event.pointerId);
    last = at(event);
    strokes += 1;
    empty.hidden = true;
    pen.beginPath();
    pen.moveTo(last.x, last.y);
    pen.lineTo(last.x + 0.1, last.y);
    pen.stroke();
  });
  pad.addEventListener("pointermove", function (event) {
    if (!last) return;
    event.preventDefault();
    var here = at(event);
    pen.beginPath();
    pen.moveTo(last.x, last.y);
    pen.quadraticCurveTo(last.x, last.y, (last.x + here.x) / 2, (last.y + here.y) / 2);
    pen.lineTo(here.x, here.y);
    pen.stroke();
    last = here;
  });
  ["pointerup", "pointercancel", "pointerleave"].forEach(function (name) {
    pad.addEventListener(name, function () { last = null; });
  });

  form.querySelector("[data-clear]").addEventListener("click", clear);
  form.querySelector("[data-to-typing]").addEventListener("click", function () { show(false); });
  back.addEventListener("click", function () { show(true); });
  form.addEventListener("submit", function (event) {
    if (draw.hidden) { form.elements.drawing.value = ""; return; }
    if (!strokes) {
      event.preventDefault();
      empty.hidden = false;
      pad.focus();
      return;
    }
    form.elements.drawing.value = pad.toDataURL("image/png");
    typed.value = "";
  });
  show(!typed.value);
  var refused = form.querySelector("[data-refused]");
  if (refused) refused.focus();
})();
