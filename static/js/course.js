/* Studying: tells the server what was really reached, opened and played. The server decides what counts. */
(function () {
  "use strict";

  var root = document.querySelector("[data-unit]");
  if (!root) return;
  var BEAT = 5000;
  var trouble = root.querySelector("[data-trouble]");

  var tell = function (said) {
    return fetch(root.dataset.to, {
      method: "POST",
      credentials: "same-origin",
      keepalive: true,
      headers: {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "X-CSRFToken": document.body.dataset.csrf
      },
      body: JSON.stringify(said)
    }).then(function (answer) {
      return answer.json().then(function (told) {
        if (answer.ok) return told;
        throw told;
      });
    });
  };

  var say = function (name, sentence) {
    var words = document.querySelector('[data-say="' + name + '"]');
    trouble.querySelector("[data-trouble-text]").textContent = words ? words.content.textContent : sentence;
    trouble.hidden = false;
  };

  var show = function (told) {
    trouble.hidden = true;
    var percent = root.querySelector("[data-percent]");
    var meter = root.querySelector(".meter");
    if (percent) percent.textContent = told.studied_percent;
    if (meter && told.studied_percent !== undefined) {
      meter.setAttribute("aria-valuenow", told.studied_percent);
      meter.querySelector("rect").setAttribute("width", told.studied_percent);
    }
    var opened = root.querySelector("[data-opened-count]");
    if (opened) opened.textContent = told.pages.length;
    var saved = root.querySelector("[data-saved]");
    if (saved && told.saved_at) {
      saved.hidden = false;
      root.querySelector("[data-saved-at]").textContent = told.saved_at;
    }
    if (told.reached_end) root.querySelector("[data-check]").hidden = false;
  };

  var failed = function (told) {
    if (told && told.code) say(told.code === "another_view" ? "another" : told.code, told.sentence);
    else say("offline", "");
  };

  /* A page counts when its end came into sight. */
  var watchEnd = function (end) {
    if (root.dataset.reached || !end || !("IntersectionObserver" in window)) return;
    var watch = new IntersectionObserver(function (seen) {
      if (!seen[0].isIntersecting) return;
      watch.disconnect();
      tell({ op: "end" }).then(show).catch(function (told) {
        failed(told);
        // The network comes back sooner than the reader scrolls up and down again.
        setTimeout(function () { watch.observe(end); }, BEAT);
      });
    });
    watch.observe(end);
  };

  /* A document's page counts when its picture was shown. */
  var watchLeaf = function (leaf) {
    if (!leaf || leaf.hasAttribute("data-opened")) return;
    var opened = function () {
      tell({ op: "page", page: Number(leaf.dataset.leaf) }).then(show).catch(failed);
    };
    if (leaf.complete && leaf.naturalWidth) opened();
    else leaf.addEventListener("load", opened);
  };

  /* A film counts by what was played, reported every few seconds. */
  var watchFilm = function (film) {
    if (!film) return;
    var played = JSON.parse(film.dataset.played || "[]");
    var furthest = played.reduce(function (most, one) { return Math.max(most, one[1]); }, 0);
    var view = "";
    var opening = null;
    var from = null;
    var last = 0;
    var timer = null;

    var open = function () {
      if (!opening) {
        opening = tell({ op: "open" }).then(function (told) { view = told.view; show(told); });
        opening.catch(function (told) { opening = null; failed(told); });
      }
      return opening;
    };
    var report = function () {
      if (from === null || !view) return;
      var start = from;
      var end = last;
      if (end - start < 0.1) return;
      from = end;
      tell({ op: "beat", view: view, start: start, end: end }).then(show).catch(function (told) {
        failed(told);
        if (told && told.code === "another_view") {
          view = ""; opening = null; from = null;
          film.pause();
        } else if (from !== null) {
          // Said again with the next beat: the server's clock still covers it.
          from = Math.min(from, start);
        }
      });
    };

    film.addEventListener("play", function () {
      from = last = film.currentTime;
      open();
      clearInterval(timer);
      timer = setInterval(report, BEAT);
    });
    film.addEventListener("timeupdate", function () {
      if (film.seeking || film.paused && !film.ended) return;
      last = film.currentTime;
      furthest = Math.max(furthest, last);
    });
    film.addEventListener("seeking", function () {
      var to = film.currentTime;
      report();
      from = null;
      if (to > furthest + 1) {
        film.currentTime = furthest;
        say("ahead", "");
      }
    });
    film.addEventListener("seeked", function () { from = last = film.currentTime; });
    film.addEventListener("ratechange", function () { if (film.playbackRate !== 1) film.playbackRate = 1; });
    var stop = function () {
      if (film.ended) last = film.duration;
      report();
      clearInterval(timer);
    };
    film.addEventListener("pause", stop);
    film.addEventListener("ended", stop);
    document.addEventListener("visibilitychange", function () { if (document.hidden) report(); });
    window.addEventListener("pagehide", report);
  };

  watchEnd(root.querySelector("[data-end]"));
  watchLeaf(root.querySelector("[data-leaf]"));
  watchFilm(root.querySelector("[data-film]"));
})();
