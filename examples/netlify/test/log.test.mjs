// Lines of the log.

import assert from "node:assert/strict";
import { test } from "node:test";

import { log } from "../lib/log.mjs";

/** Catch what is written meanwhile. */
const written = (write) => {
  const [kept, lines] = [console.log, []];
  console.log = (line) => lines.push(line);
  try {
    write();
  } finally {
    console.log = kept;
  }
  return lines;
};

test("an event is one line of printable ASCII, whatever strangers send", () => {
  const evil = 'x\n{"event":"forged"}\r\u001b[2J\u2028\u202e\u007f\u0085é\ud83d\ude00';
  const [line, ...others] = written(() => log("it_happened", { why: evil }));
  assert.equal(others.length, 0);
  assert.match(line, /^[\x20-\x7e]+$/);
  assert.deepEqual(JSON.parse(line), { event: "it_happened", why: evil });
});

test("a text of a stranger is cut", () => {
  const [line] = written(() => log("it_happened", { why: "x".repeat(100_000) }));
  assert.ok(line.length < 1_000);
});
