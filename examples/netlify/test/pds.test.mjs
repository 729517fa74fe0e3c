// The account at the PDS.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { makeDeadline } from "../lib/deadline.mjs";
import { Outage, Refusal } from "../lib/errors.mjs";
import { BLOB_BYTES, makePds, recordKey } from "../lib/pds.mjs";
import { cidOf, startPds } from "../local/pds.mjs";

const ACCOUNT = { identifier: "tapes.example", password: "a password" };
let server, pds;
const BYTES = Buffer.from("a video");
const [SESSION, UPLOAD, PUT] = ["server.createSession", "repo.uploadBlob", "repo.putRecord"].map(
  (name) => `com.atproto.${name}`,
);

beforeEach(async () => {
  server = await startPds(ACCOUNT);
  pds = makePds({ url: server.base, ...ACCOUNT });
});
afterEach(() => server.close());
const upload = (limitMs = 5_000) => pds.uploadBlob(BYTES, "video/mp4", makeDeadline(limitMs));
const put = (record) => pds.putRecord("com.example.tape", "r", record, makeDeadline(5_000));

test("a blob is what the PDS says of it, and a record holds it", async () => {
  const blob = await upload();
  assert.deepEqual(blob, {
    $type: "blob",
    ref: { $link: cidOf(BYTES) },
    mimeType: "video/mp4",
    size: BYTES.length,
  });
  const { uri } = await put({ video: blob });
  assert.equal(uri, `at://${server.did}/com.example.tape/r`);
  assert.deepEqual(server.records.get(uri), { $type: "com.example.tape", video: blob });
});

test("one session serves until it is over, and then there is another", async () => {
  await upload();
  await put({});
  assert.deepEqual(server.asked, [SESSION, UPLOAD, PUT]);
  server.tokens.clear();
  await upload();
  assert.deepEqual(server.asked.slice(3), [UPLOAD, SESSION, UPLOAD]);
});

test("a wrong password can be put right, so it is an outage", async () => {
  pds = makePds({ url: server.base, ...ACCOUNT, password: "another" });
  await assert.rejects(upload(), (error) => error instanceof Outage && !error.message.includes("another"));
});

test("what the PDS refuses for itself is refused, and what it cannot do now is an outage", async () => {
  await upload();
  for (const status of [400, 413]) {
    server.failures.push(status);
    await assert.rejects(upload(), Refusal, String(status));
  }
  for (const status of [429, 500, 502, 503]) {
    server.failures.push(status);
    await assert.rejects(upload(), Outage, String(status));
  }
});

test("an answer without what was asked for is an outage, though its status is 200", async () => {
  for (const asked of [upload, upload, () => put({})]) {
    // The first asks for a session, and gets none.
    server.failures.push(200);
    await assert.rejects(asked(), Outage);
    await upload();
  }
});

test("more than a blob may have is not even sent", async () => {
  await assert.rejects(
    pds.uploadBlob(Buffer.alloc(BLOB_BYTES + 1), "video/mp4", makeDeadline(5_000)),
    Refusal,
  );
  assert.deepEqual(server.asked, []);
});

test("a PDS that is gone, or hangs, is an outage", async () => {
  await upload();
  let letGo;
  server.before = () => new Promise((resolve) => (letGo = resolve));
  await assert.rejects(upload(100), /took too long/);
  letGo();
  await server.close();
  await assert.rejects(upload(), Outage);
  server = await startPds(ACCOUNT);
});

test("a record key is the tape's id, or stands for it", () => {
  assert.equal(recordKey("507f1f77bcf86cd799439011"), "507f1f77bcf86cd799439011");
  for (const odd of [".", "..", "a/b", "é", "", "x".repeat(513)])
    assert.match(recordKey(odd), /^[0-9a-f]{64}$/);
  assert.equal(recordKey("a/b"), recordKey("a/b"));
});
