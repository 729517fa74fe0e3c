// Lines of the log, and what is read of the environment.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CALLBACK_PATH, POSTING, RECEIVING, listed, readConfiguration } from "../lib/configuration.mjs";
import { retryAfterS } from "../lib/errors.mjs";
import { log } from "../lib/log.mjs";
import { config as scheduled } from "../netlify/functions/post-pending.mjs";
import { config as receiver } from "../netlify/functions/tape-bake-complete.mjs";
import { config as tracker } from "../netlify/functions/track-media.mjs";

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

test("what is missing is told by name, and an empty variable is missing", () => {
  assert.deepEqual(readConfiguration(POSTING, {}).missing, POSTING);
  const { missing } = readConfiguration(RECEIVING, { CALLBACK_SECRET: "", OVEN_URL: "https://oven.example" });
  assert.deepEqual(missing, RECEIVING.filter((name) => name !== "OVEN_URL"));
});

test("the callback's address follows from the site's", () => {
  const { values } = readConfiguration(POSTING, { URL: "https://site.example" });
  assert.equal(values.CALLBACK_URL, `https://site.example${receiver.path}`);
  assert.equal(readConfiguration(POSTING, { URL: "https://a.example", CALLBACK_URL: "https://b.example/x" }).values.CALLBACK_URL, "https://b.example/x");
});

test("functions stand where they say", () => {
  assert.equal(receiver.path, CALLBACK_PATH);
  assert.equal(tracker.path, "/api/track-media");
  assert.match(scheduled.schedule, /^\S+( \S+){4}$/);
});

test("a list is parted by commas and spaces", () => {
  assert.deepEqual(listed(" a.example, b.example\nc.example ,"), ["a.example", "b.example", "c.example"]);
});

test("Retry-After is read in seconds and as a date, and as nothing where it is none", () => {
  const read = (value) => retryAfterS(new Headers(value === undefined ? {} : { "retry-after": value }));
  assert.equal(read("7"), 7);
  const soon = read(new Date(Date.now() + 60_000).toUTCString());
  assert.ok(soon > 50 && soon <= 60, String(soon));
  for (const none of [undefined, "", "soon", "-5", "99999999999999999999", new Date(0).toUTCString()]) assert.equal(read(none), 0);
});
