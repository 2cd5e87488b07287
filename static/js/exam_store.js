/* Answers that the server has not acknowledged yet, kept on the phone. */
(function () {
  "use strict";

  var PREFIX = "census.exam.";

  var openDisk = function () {
    try {
      var disk = window.localStorage;
      disk.setItem(PREFIX + "try", "1");
      disk.removeItem(PREFIX + "try");
      return disk;
    } catch (refused) {
      return null;
    }
  };

  var inOrder = function (one, other) {
    return one.page - other.page || one.sequence - other.sequence;
  };

  // One key an answer: two pages of one phone never overwrite each other's list.
  window.ExamStore = function (attempt) {
    var disk = openDisk();
    var held = {};
    var base = PREFIX + attempt + ".";

    var write = function (key, value) {
      held[key] = value;
      if (!disk) return false;
      try {
        disk.setItem(base + key, JSON.stringify(value));
        return true;
      } catch (full) {
        return false;
      }
    };
    var remove = function (key) {
      delete held[key];
      if (disk) disk.removeItem(base + key);
    };
    var read = function (key) {
      var text = disk && disk.getItem(base + key);
      if (!text) return held[key];
      try {
        return JSON.parse(text);
      } catch (damaged) {
        return held[key];
      }
    };
    var keys = function (kind) {
      var found = {};
      Object.keys(held).forEach(function (key) { found[key] = true; });
      for (var at = 0; disk && at < disk.length; at++) {
        var key = disk.key(at);
        if (key.indexOf(base) === 0) found[key.slice(base.length)] = true;
      }
      return Object.keys(found).filter(function (key) { return key.indexOf(kind) === 0; });
    };
    var all = function (kind) {
      return keys(kind).map(read).filter(Boolean).sort(inOrder);
    };

    return {
      isLasting: function () { return disk !== null; },
      keep: function (tap) { return write("tap." + tap.op, tap); },
      drop: function (op) { remove("tap." + op); },
      refuse: function (tap) {
        write("late." + tap.op, tap);
        remove("tap." + tap.op);
      },
      waiting: function () { return all("tap."); },
      refused: function () { return all("late."); },
      set: write,
      get: function (key, otherwise) {
        var value = read(key);
        return value === undefined || value === null ? otherwise : value;
      }
    };
  };
})();
