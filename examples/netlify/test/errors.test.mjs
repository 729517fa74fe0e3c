// What others say of a pause.

import assert from "node:assert/strict";
import { test } from "node:test";

import { retryAfterS } from "../lib/errors.mjs";

test("Retry-After is read in seconds and as a date, and as nothing where it is none", () => {
  const read = (value) => retryAfterS(new Headers(value === undefined ? {} : { "retry-after": value }));
  assert.equal(read("7"), 7);
  const soon = read(new Date(Date.now() + 60_000).toUTCString());
  assert.ok(soon > 50 && soon <= 60, String(soon));
  for (const none of [undefined, "", "soon", "-5", "99999999999999999999", new Date(0).toUTCString()])
    assert.equal(read(none), 0);
});
