// The environment.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CALLBACK_PATH, POSTING, RECEIVING, listed, readConfiguration } from "../lib/configuration.mjs";
import { config as scheduled } from "../netlify/functions/post-pending.mjs";
import { config as receiver } from "../netlify/functions/tape-bake-complete.mjs";
import { config as tracker } from "../netlify/functions/track-media.mjs";

test("what is missing is told by name, and an empty variable is missing", () => {
  assert.deepEqual(readConfiguration(POSTING, {}).missing, POSTING);
  const { missing } = readConfiguration(RECEIVING, { CALLBACK_SECRET: "", OVEN_URL: "https://oven.example" });
  assert.deepEqual(
    missing,
    RECEIVING.filter((name) => name !== "OVEN_URL"),
  );
});

test("the callback's address follows from the site's", () => {
  const { values } = readConfiguration(POSTING, { URL: "https://site.example" });
  assert.equal(values.CALLBACK_URL, `https://site.example${receiver.path}`);
  assert.equal(
    readConfiguration(POSTING, { URL: "https://a.example", CALLBACK_URL: "https://b.example/x" }).values
      .CALLBACK_URL,
    "https://b.example/x",
  );
});

test("functions stand where they say", () => {
  assert.equal(receiver.path, CALLBACK_PATH);
  assert.equal(tracker.path, "/api/track-media");
  assert.match(scheduled.schedule, /^\S+( \S+){4}$/);
});

test("a list is parted by commas and spaces", () => {
  assert.deepEqual(listed(" a.example, b.example\nc.example ,"), ["a.example", "b.example", "c.example"]);
});
