// What posts tapes, before an Oven that fails in every way.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { makeOven } from "../lib/oven.mjs";
import { makeTapesInMemory } from "../local/memory.mjs";
import { serve } from "../local/server.mjs";
import { makeHandler as makePostPending } from "../netlify/functions/post-pending.mjs";
import netlifyFunction, { makeHandler } from "../netlify/functions/track-media.mjs";

const SECRET = "the secret of both";
const TAPE = { slug: "wand", code: "aBc", zipUrl: "https://example.com/a.zip", metadata: { scale: 3 } };
const answers = [];
let oven, bakes, tapes, parts, logged;

const json = (status, body, headers) => () => new Response(JSON.stringify(body), { status, headers });
const ACCEPTED = json(202, { status: "accepted", jobId: "job-1" });
const post = async (body, changes = {}) => {
  const raw = typeof body === "string" ? body : JSON.stringify(body);
  const request = new Request("http://127.0.0.1/api/track-media", { method: "POST", body: raw });
  const response = await makeHandler({ ...parts, ...changes })(request);
  return { http: response.status, ...(await response.json()) };
};

beforeEach(async () => {
  [bakes, logged] = [[], []];
  answers.length = 0;
  oven = await serve(async (request) => {
    bakes.push({ key: request.headers.get("idempotency-key"), ...(await request.json()) });
    return (answers.shift() ?? ACCEPTED)();
  });
  tapes = makeTapesInMemory();
  const log = (event, fields) => logged.push({ event, ...fields });
  const callbackUrl = "https://site.example/api/tape-bake-complete";
  parts = { tapes, oven: makeOven({ url: oven.base }), callbackUrl, secret: SECRET, log };
});
afterEach(async () => {
  assert.ok(!JSON.stringify(logged).includes(SECRET));
  await oven.close();
});

test("Oven gets all that the contract names", async () => {
  const { http, status, id, jobId } = await post(TAPE);
  assert.deepEqual([http, status, jobId], [202, "baking", "job-1"]);
  const callbackUrl = "https://site.example/api/tape-bake-complete";
  assert.deepEqual(bakes, [
    { key: `tape-${id}-1`, mongoId: id, ...TAPE, callbackUrl, callbackSecret: SECRET },
  ]);
  const { state, jobId: kept } = await tapes.find(id);
  assert.deepEqual([state, kept], ["baking", "job-1"]);
});

test("what a tape need not have is not sent", async () => {
  await post({ slug: "wand", zipUrl: TAPE.zipUrl });
  assert.ok(!("code" in bakes[0]) && !("metadata" in bakes[0]));
});

test("a busy Oven is asked again after the time that it names, with the same key", async () => {
  answers.push(json(503, {}, { "Retry-After": "1" }), json(502, {}));
  const { status } = await post(TAPE);
  assert.equal(status, "baking");
  assert.equal(bakes.length, 3);
  assert.equal(new Set(bakes.map(({ key }) => key)).size, 1);
});

test("a pause longer than the function has is not waited for: the tape stays pending", async () => {
  answers.push(json(503, {}, { "Retry-After": "3600" }));
  const { http, status, id } = await post(TAPE);
  assert.deepEqual([http, status, bakes.length], [202, "pending", 1]);
  assert.equal((await tapes.find(id)).why, "Oven answered 503");
});

test("an answer that breaks off is asked for again, with the same key", async () => {
  answers.push(() => Promise.reject(new Error("cut")));
  assert.equal((await post(TAPE)).status, "baking");
  assert.deepEqual(
    bakes.map(({ key }) => key),
    [bakes[0].key, bakes[0].key],
  );
});

test("an Oven that is down: the tape is kept, pending, and posted again later, as the same", async () => {
  const down = { oven: makeOven({ url: "http://127.0.0.1:1" }), limitMs: 200 };
  const { http, status, id } = await post(TAPE, down);
  assert.deepEqual([http, status], [202, "pending"]);
  const again = makePostPending({ ...parts, ...down });
  assert.deepEqual(await (await again(new Request("http://127.0.0.1"))).json(), { pending: 1 });
  assert.equal((await tapes.find(id)).state, "pending");
  const up = makePostPending(parts);
  assert.deepEqual(await (await up(new Request("http://127.0.0.1"))).json(), { baking: 1 });
  assert.deepEqual(
    bakes.map(({ key }) => key),
    [`tape-${id}-1`],
  );
  assert.deepEqual(await (await up(new Request("http://127.0.0.1"))).json(), {});
});

test("a secret that Oven does not know is the site's to put right: pending, asked once", async () => {
  answers.push(json(401, { error: "callbackSecret is wrong" }));
  const { status } = await post(TAPE);
  assert.deepEqual([status, bakes.length], ["pending", 1]);
});

test("what Oven refuses is refused, in its words; asked again it is begun anew", async () => {
  answers.push(json(400, { error: "zipUrl must be an https URL" }));
  const refused = await post(TAPE);
  assert.deepEqual(
    [refused.http, refused.status, refused.error],
    [400, "refused", "zipUrl must be an https URL"],
  );
  const { state, why } = await tapes.find(refused.id);
  assert.deepEqual([state, why], ["refused", "zipUrl must be an https URL"]);
  const again = await post({ ...TAPE, zipUrl: "https://example.com/b.zip" });
  assert.deepEqual([again.id, again.status], [refused.id, "baking"]);
  assert.deepEqual(
    bakes.map(({ key }) => key),
    [`tape-${again.id}-1`, `tape-${again.id}-2`],
  );
});

test("the same tape again is the same record, and is not posted again", async () => {
  const [one, again] = [await post(TAPE), await post(TAPE)];
  assert.deepEqual(again, one);
  assert.equal(bakes.length, 1);
});

test("whose tape it is says the site: a stranger is 401, and two people's slugs are two tapes", async () => {
  assert.equal((await post(TAPE, { ownerOf: async () => null })).http, 401);
  assert.equal(bakes.length, 0);
  const [one, other] = [
    await post(TAPE, { ownerOf: async () => "alice" }),
    await post(TAPE, { ownerOf: async () => "bob" }),
  ];
  assert.notEqual(one.id, other.id);
});

test("405, 400 and 413 for what is not understood, and nothing is kept of it", async () => {
  const response = await makeHandler(parts)(new Request("http://127.0.0.1/api/track-media"));
  assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"]);
  for (const body of [
    "",
    "[]",
    "no",
    {},
    { ...TAPE, slug: { $ne: 1 } },
    { ...TAPE, zipUrl: 5 },
    { ...TAPE, code: [] },
    { ...TAPE, metadata: "x" },
  ])
    assert.equal((await post(body)).http, 400, JSON.stringify(body));
  assert.equal((await post({ ...TAPE, metadata: { x: "x".repeat(300_000) } })).http, 413);
  assert.deepEqual([bakes, await tapes.pending(9)], [[], []]);
});

test("503 where it is not configured, by name", async () => {
  const kept = { ...process.env };
  try {
    for (const name of ["OVEN_URL", "CALLBACK_SECRET", "MONGODB_NAME"]) delete process.env[name];
    const response = await netlifyFunction(
      new Request("http://127.0.0.1/api/track-media", { method: "POST", body: "{}" }),
      {},
    );
    const { error } = await response.json();
    assert.equal(response.status, 503);
    for (const name of ["OVEN_URL", "CALLBACK_SECRET", "MONGODB_NAME"]) assert.ok(error.includes(name));
  } finally {
    Object.assign(process.env, kept);
  }
});

test("500 where the tape could not be kept, and Oven is not asked", async () => {
  const failing = { open: async () => Promise.reject(new Error(`mongodb://user:${SECRET}@host`)) };
  const answer = await post(TAPE, { tapes: failing });
  assert.equal(answer.http, 500);
  assert.ok(!JSON.stringify(answer).includes(SECRET));
  assert.equal(bakes.length, 0);
});
