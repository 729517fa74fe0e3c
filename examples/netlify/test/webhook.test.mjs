// Who calls back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { isSame, sign, verify } from "../lib/webhook.mjs";

// Made by the library `standardwebhooks` for Python, by the key of these bytes.
const KNOWN = {
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: "1614265330",
  body: Buffer.from('{"test": 2432232314}'),
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
};
const SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const NOW_S = Number(KNOWN.timestamp);

const headersOf = (changes = {}) =>
  new Headers({
    "webhook-id": KNOWN.id,
    "webhook-timestamp": KNOWN.timestamp,
    "webhook-signature": SIGNATURE,
    ...changes,
  });
const look = (headers, others = {}) =>
  verify({ headers, body: KNOWN.body, secret: KNOWN.secret, nowS: NOW_S, ...others });

test("a signature is that of Standard Webhooks", () => {
  assert.equal(sign(KNOWN), SIGNATURE);
  assert.deepEqual(look(headersOf()), { id: KNOWN.id });
});

test("a secret that is no base64 after whsec_ is its own bytes", () => {
  const secret = "whsec_not base64";
  const signature = sign({ ...KNOWN, secret });
  assert.notEqual(signature, SIGNATURE);
  assert.deepEqual(look(headersOf({ "webhook-signature": signature }), { secret }), { id: KNOWN.id });
});

test("of several signatures one has to fit", () => {
  assert.deepEqual(look(headersOf({ "webhook-signature": `v1,AAAA ${SIGNATURE}` })), { id: KNOWN.id });
  assert.ok(look(headersOf({ "webhook-signature": "v1,AAAA v2,BBBB" })).why);
});

test("what is older or newer than five minutes is refused", () => {
  assert.ok(look(headersOf(), { nowS: NOW_S + 299 }).id);
  assert.ok(look(headersOf(), { nowS: NOW_S - 299 }).id);
  assert.ok(look(headersOf(), { nowS: NOW_S + 301 }).why);
  assert.ok(look(headersOf(), { nowS: NOW_S - 301 }).why);
});

test("another body, id, time or secret is refused", () => {
  assert.ok(look(headersOf(), { body: Buffer.from('{"test": 2432232315}') }).why);
  assert.ok(look(headersOf({ "webhook-id": "msg_other" })).why);
  assert.ok(look(headersOf({ "webhook-timestamp": String(NOW_S + 1) })).why);
  assert.ok(look(headersOf(), { secret: "another" }).why);
});

test("what is not signed, or oddly, is refused and breaks nothing", () => {
  for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
    assert.ok(look(headersOf({ [name]: "" })).why, name);
    assert.ok(look(headersOf({ [name]: "x".repeat(5_000) })).why, name);
  }
  for (const timestamp of ["1e9", "-1", "NaN", "0x5", "Infinity"])
    assert.ok(look(headersOf({ "webhook-timestamp": timestamp })).why, timestamp);
});

test("texts are the same only where they are equal texts", () => {
  assert.ok(isSame("secret", "secret"));
  for (const other of ["secreu", "secret ", "", undefined, null, 5, ["secret"], { secret: 1 }])
    assert.ok(!isSame(other, "secret"));
});
