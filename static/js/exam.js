/* The exam on the phone: one question at a time, every touch kept and sent, the server's clock. */
(function () {
  "use strict";

  var $ = function (id) { return document.getElementById(id); };
  var desk = JSON.parse($("desk").textContent);
  var words = desk.words;
  var store = window.ExamStore(desk.attempt);
  var items = [];
  var answers = {};
  var flags = store.get("flags", {});
  var at = store.get("at", 1);
  var page = 0;
  var sequence = 0;
  var view = "paper";
  // Set again by every answer of the server; never the phone's own time of day.
  var clock = null;
  var grace = 30000;
  var sending = false;
  var failures = 0;
  var isOver = false;
  var isLeaving = false;
  var savedAt = "";
  var retry = 0;

  var fill = function (sentence, names) {
    return sentence.replace(/%\((\w+)\)s/g, function (_all, name) { return names[name]; });
  };
  var icon = function (name) {
    return $("icons").content.querySelector('use[href="#i-' + name + '"]').parentNode.cloneNode(true);
  };
  var hex = function (byte) { return (byte + 256).toString(16).slice(1); };
  var operation = function () {
    var bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return Array.prototype.map.call(bytes, hex).join("")
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  /* ---- Talking to the server ---- */
  var post = function (url, body) {
    var stop = new AbortController();
    var timer = setTimeout(function () { stop.abort(); }, 15000);
    var asked = performance.now();
    return fetch(url, {
      method: "POST",
      credentials: "same-origin",
      signal: stop.signal,
      headers: {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": document.body.dataset.csrf
      },
      body: JSON.stringify(body)
    }).then(function (response) {
      return response.json().catch(function () { return {}; }).then(function (told) {
        clearTimeout(timer);
        if (typeof told.remaining_ms === "number" && response.ok) setClock(told.remaining_ms, asked);
        return { status: response.status, body: told };
      });
    }, function (lost) {
      clearTimeout(timer);
      throw lost;
    });
  };
  var setClock = function (remaining, asked) {
    // Counted from the question, so that a slow network never shows more time than there is.
    clock = { remaining: remaining, from: asked };
  };
  var left = function () { return clock.remaining - (performance.now() - clock.from); };

  var flush = function () {
    if (sending) return Promise.resolve(false);
    var taps = store.waiting().slice(0, 100);
    if (!taps.length) return Promise.resolve(true);
    sending = true;
    showSaved();
    return post(desk.save_url, { attempt: desk.attempt, answers: taps }).then(function (reply) {
      sending = false;
      return took(reply, taps);
    }, function () {
      sending = false;
      return lost();
    });
  };
  var took = function (reply, taps) {
    (reply.body.saved || []).forEach(store.drop);
    if (reply.status === 409 || reply.status === 400) {
      var kept = {};
      (reply.body.saved || []).forEach(function (op) { kept[op] = true; });
      var late = taps.filter(function (tap) { return !kept[tap.op]; });
      late.forEach(store.refuse);
      say("bad", fill(words.refused, { n: late.length }), reply.body.sentence || "");
      if (reply.body.code === "attempt_closed") leave();
      showSaved();
      return true;
    }
    if (reply.status === 401 || reply.status === 403) {
      say("bad", reply.body.sentence || words.signed_out, words.signed_out_more);
      later();
      return false;
    }
    if (reply.status !== 200) return lost();
    failures = 0;
    savedAt = new Date().toTimeString().slice(0, 5);
    if (reply.body.page > page && page) say("warn", words.elsewhere, words.elsewhere_more);
    else if (!isOver) quiet();
    showSaved();
    return store.waiting().length ? flush() : true;
  };
  var lost = function () {
    failures += 1;
    if (!isOver) {
      if (store.isLasting()) say("warn", words.offline, words.offline_more);
      else say("bad", words.memory, words.memory_more);
    }
    showSaved();
    later();
    return false;
  };
  var later = function () {
    clearTimeout(retry);
    retry = setTimeout(flush, Math.min(15000, 1000 * Math.pow(2, failures)));
  };

  var open = function () {
    // What an earlier page left behind goes first, whatever else is true.
    return flush().then(function () {
      return post(desk.page_url, { attempt: desk.attempt });
    }).then(function (reply) {
      // Over before it could be opened: asking for the result also makes it.
      if (reply.status === 409) return handIn();
      if (reply.status === 404) return leave();
      if (reply.status !== 200) throw reply;
      begin(reply.body);
    }).catch(function (problem) {
      var gone = problem && (problem.status === 401 || problem.status === 403);
      say("warn", gone ? words.signed_out : words.stuck, gone ? words.signed_out_more : words.stuck_more);
      setTimeout(open, 3000);
    });
  };
  var begin = function (told) {
    items = told.items;
    page = told.page;
    grace = told.grace_ms;
    answers = told.answers;
    store.waiting().forEach(function (tap) { answers[tap.question] = tap.choice; });
    at = Math.min(Math.max(1, at), items.length);
    savedAt = new Date().toTimeString().slice(0, 5);
    if (store.isLasting()) quiet();
    else say("warn", words.memory, words.memory_more);
    showSaved();
    show("paper");
    tick();
    setInterval(tick, 500);
  };
  var leave = function () {
    if (isLeaving) return;
    isLeaving = true;
    // Long enough to read that something came too late.
    setTimeout(function () { window.location.href = desk.result_url; }, store.refused().length ? 4000 : 0);
  };
  var handIn = function () {
    if (isLeaving) return;
    var op = store.get("submit", operation());
    store.set("submit", op);
    $("do-hand-in").disabled = true;
    post(desk.submit_url, { attempt: desk.attempt, submit_op: op }).then(function (reply) {
      if (reply.status === 200) return leave();
      throw reply;
    }).catch(function (problem) {
      $("do-hand-in").disabled = false;
      say("warn", problem && problem.body && problem.body.sentence || words.offline, isOver ? "" : words.offline_more);
      if (isOver) setTimeout(handIn, 5000);
    });
  };

  /* ---- Showing ---- */
  var say = function (tone, fact, more) {
    var place = $("say");
    place.dataset.tone = tone;
    place.querySelector("strong").textContent = fact;
    place.querySelector("span").textContent = more;
    place.hidden = false;
  };
  var quiet = function () { $("say").hidden = true; };
  var showSaved = function () {
    var waiting = {};
    store.waiting().forEach(function (tap) { waiting[tap.question] = true; });
    var n = Object.keys(waiting).length;
    var place = $("saved");
    var name = !n ? "saved" : failures ? "offline" : "going";
    place.dataset.tone = n ? "warn" : "ok";
    place.dataset.waiting = n;
    place.replaceChild(icon(name), place.querySelector("svg"));
    place.querySelector("span").textContent = !n ? fill(words.saved_at, { time: savedAt }) :
      failures ? fill(words.kept, { n: n }) : words.saving;
  };
  var isDone = function (number) { return (answers[number] || []).length > 0; };
  var done = function () { return items.filter(function (item) { return isDone(item.number); }).length; };

  var show = function (what) {
    view = what;
    $("paper").hidden = $("dock-paper").hidden = what !== "paper";
    $("sheet").hidden = $("dock-sheet").hidden = what !== "sheet";
    $("sure").hidden = $("dock-sure").hidden = what !== "sure";
    if (what === "paper") drawQuestion();
    if (what === "sheet") drawSheet();
    if (what === "sure") drawSure();
    window.scrollTo(0, 0);
  };
  var drawQuestion = function () {
    var item = items[at - 1];
    $("kind").textContent = [item.category, item.kind_name, fill(words.points, { n: item.points })].join(" · ");
    $("place").textContent = fill(words.question_of, { n: at, all: items.length });
    $("legend").textContent = fill(words.question, { n: at });
    $("stem").textContent = item.stem;
    var box = $("choices");
    box.textContent = "";
    item.options.forEach(function (option) { box.appendChild(choice(item, option)); });
    var isFlagged = Boolean(flags[at]);
    $("flag").setAttribute("aria-pressed", String(isFlagged));
    $("flag").querySelector("span").textContent = isFlagged ? words.unflag : words.flag;
    $("flag").classList.toggle("tone-warn", isFlagged);
    $("count").textContent = done() + "/" + items.length;
    $("before").disabled = at === 1;
    $("after").disabled = at === items.length;
    store.set("at", at);
  };
  var choice = function (item, option) {
    var label = document.createElement("label");
    var input = document.createElement("input");
    var text = document.createElement("span");
    var isPicked = (answers[item.number] || []).indexOf(option.letter) >= 0;
    input.type = item.kind === "multiple" ? "checkbox" : "radio";
    input.name = "choice";
    input.value = option.letter;
    input.checked = isPicked;
    input.disabled = isOver;
    text.textContent = option.letter + ". " + option.text;
    label.className = isPicked ? "choice is-picked" : "choice";
    label.appendChild(input);
    label.appendChild(text);
    return label;
  };
  var drawSheet = function () {
    var cells = $("cells");
    cells.textContent = "";
    var flagged = 0;
    items.forEach(function (item) {
      var n = item.number;
      var cell = document.createElement("a");
      var told = [fill(words.question, { n: n }), isDone(n) ? words.is_answered : words.is_blank];
      if (isDone(n)) cell.classList.add("is-done");
      if (flags[n]) {
        flagged += 1;
        cell.classList.add("is-flag");
        told.push(words.is_flagged);
      }
      if (n === at) cell.setAttribute("aria-current", "true");
      cell.href = "#main";
      cell.dataset.number = n;
      cell.textContent = n;
      cell.setAttribute("aria-label", told.join(", "));
      cells.appendChild(cell);
    });
    var blank = items.length - done();
    $("n-done").textContent = fill(words.answered, { n: done() });
    $("n-blank").textContent = fill(words.blank, { n: blank });
    $("n-flag").textContent = fill(words.flagged, { n: flagged });
    $("blank").hidden = !blank;
    $("blank").querySelector("strong").textContent = fill(words.left_blank, { n: blank });
    $("close-sheet").querySelector("span").textContent = fill(words.back_to, { n: at });
  };
  var drawSure = function () {
    var blank = items.length - done();
    var unsent = store.waiting().length;
    $("sure-say").textContent = unsent ? fill(words.unsent, { n: unsent }) :
      blank ? fill(words.left_blank, { n: blank }) : words.none_blank;
    $("do-hand-in").disabled = unsent > 0;
    if (unsent) flush();
    $("sure-h").focus();
  };

  var tick = function () {
    var ms = left();
    if (ms <= 0 && !isOver) {
      isOver = true;
      show("paper");
      flush();
    }
    var seconds = Math.ceil(Math.max(0, isOver ? ms + grace : ms) / 1000);
    $("time").textContent = Math.floor(seconds / 60) + ":" + ("0" + seconds % 60).slice(-2);
    if (view === "sure") $("do-hand-in").disabled = store.waiting().length > 0;
    if (!isOver || isLeaving) return;
    if (!store.waiting().length || seconds === 0) {
      say("warn", words.grace, words.handing_in);
      if (!$("do-hand-in").dataset.asked) {
        $("do-hand-in").dataset.asked = "1";
        handIn();
      }
    } else {
      say("warn", words.grace, fill(words.grace_more, { n: seconds }));
    }
  };

  /* ---- Touching ---- */
  $("choices").addEventListener("change", function (event) {
    var item = items[at - 1];
    if (isOver) return;
    var picked = Array.prototype.filter.call($("choices").querySelectorAll("input"), function (input) {
      input.parentNode.classList.toggle("is-picked", input.checked);
      return input.checked;
    }).map(function (input) { return input.value; });
    answers[item.number] = picked;
    sequence += 1;
    store.keep({
      op: operation(), question: item.number, page: page, sequence: sequence,
      choice: picked, client_at: new Date().toISOString()
    });
    $("count").textContent = done() + "/" + items.length;
    showSaved();
    flush();
    event.preventDefault();
  });
  $("ask").addEventListener("submit", function (event) { event.preventDefault(); });
  $("flag").addEventListener("click", function () {
    flags[at] = !flags[at];
    store.set("flags", flags);
    drawQuestion();
  });
  var go = function (number) {
    at = number;
    show("paper");
    $("stem").focus();
  };
  $("before").addEventListener("click", function () { if (at > 1) go(at - 1); });
  $("after").addEventListener("click", function () { if (at < items.length) go(at + 1); });
  $("open-sheet").addEventListener("click", function () { show("sheet"); });
  $("close-sheet").addEventListener("click", function () { show("paper"); });
  $("cells").addEventListener("click", function (event) {
    var cell = event.target.closest("a");
    if (!cell) return;
    event.preventDefault();
    go(Number(cell.dataset.number));
  });
  $("hand-in").addEventListener("click", function () { show("sure"); });
  $("not-yet").addEventListener("click", function () { show("paper"); });
  $("do-hand-in").addEventListener("click", handIn);
  window.addEventListener("online", function () { failures = 0; flush(); });
  document.addEventListener("visibilitychange", function () {
    // A phone that slept may have stopped its clock; the server's is asked again.
    if (document.hidden || !page || isOver) return;
    flush().then(function (sent) {
      if (sent) return post(desk.save_url, { attempt: desk.attempt, answers: [] });
    }).catch(function () {});
  });

  open();
})();
