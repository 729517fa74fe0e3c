// The receiver, asked directly: every answer that it has.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { RECEIVING } from "../lib/configuration.mjs";
import { makeDownload } from "../lib/download.mjs";
import { makeOven } from "../lib/oven.mjs";
import { BLOB_BYTES, makePds } from "../lib/pds.mjs";
import { accept } from "../lib/tapes.mjs";
import { callbackRequest, until } from "../local/callbacks.mjs";
import { makeTapesInMemory } from "../local/memory.mjs";
import { cidOf, startPds } from "../local/pds.mjs";
import { serve } from "../local/server.mjs";
import netlifyFunction, { makeHandler } from "../netlify/functions/tape-bake-complete.mjs";

const SECRET = "the secret of both";
const ACCOUNT = { identifier: "tapes.example", password: "the password" };
const [VIDEO, PICTURE] = [Buffer.from("a video of a tape"), Buffer.from("a picture")];
let pds, host, reports, logged, files, parts, tapes, tape, handler;

const type = { "/v.mp4": "video/mp4", "/p.jpg": "image/jpeg" };
const told = (changes = {}) => ({
  mongoId: tape.id,
  slug: "wand",
  code: "aBc",
  jobId: "job-1",
  status: "complete",
  mp4Url: `${host.base}/v.mp4`,
  thumbnailUrl: `${host.base}/p.jpg`,
  size: VIDEO.length,
  duration: 2.5,
  ...changes,
});
const broken = (changes = {}) => ({
  mongoId: tape.id,
  slug: "wand",
  code: "aBc",
  jobId: "job-1",
  status: "error",
  error: "no ZIP",
  errorCode: "ZIP_INVALID",
  ...changes,
});
const statusOf = async (body, options) => {
  const response = await handler(callbackRequest(body, { secret: SECRET, ...options }));
  return response.status;
};
const found = () => tapes.find(tape.id);
/** Make the receiver of its parts, some of them others. */
const remake = (changes) => (handler = makeHandler({ ...parts, ...changes }));

beforeEach(async () => {
  [reports, logged, files] = [[], [], { "/v.mp4": () => VIDEO, "/p.jpg": () => PICTURE }];
  pds = await startPds(ACCOUNT);
  // Files and reports go to one server, in the places of the bucket and of Oven.
  host = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "POST") {
      reports.push([pathname, await request.json()]);
      return new Response('{"status": "ok"}');
    }
    return new Response(await files[pathname](), { headers: { "content-type": type[pathname] } });
  });
  tapes = makeTapesInMemory();
  tape = await tapes.open(
    { owner: "guest", slug: "wand", code: "aBc", zipUrl: "https://example.com/t.zip", metadata: null },
    1_000,
  );
  await tapes.change(tape.id, accept("job-1"));
  parts = {
    tapes,
    pds: makePds({ url: pds.base, ...ACCOUNT }),
    oven: makeOven({ url: host.base }),
    download: makeDownload({ hosts: [host.base] }),
    secret: SECRET,
    collection: "computer.aesthetic.tape",
    limitMs: 10_000,
    log: (event, fields) => logged.push({ event, ...fields }),
  };
  remake({});
});
afterEach(async () => {
  assert.ok(![SECRET, ACCOUNT.password].some((secret) => JSON.stringify(logged).includes(secret)));
  await Promise.all([pds.close(), host.close()]);
});

test("a video: blob and record at the PDS, the tape COMPLETE, every stage told", async () => {
  assert.equal(await statusOf(told()), 200);
  const { state, rkey, uri, mp4Url, thumbnailUrl, why, lease } = await found();
  assert.deepEqual({ state, rkey, why, lease }, { state: "complete", rkey: tape.id, why: null, lease: null });
  assert.deepEqual(
    { mp4Url, thumbnailUrl },
    { mp4Url: `${host.base}/v.mp4`, thumbnailUrl: `${host.base}/p.jpg` },
  );
  const record = pds.records.get(uri);
  assert.deepEqual(record, {
    $type: "computer.aesthetic.tape",
    slug: "wand",
    code: "aBc",
    createdAt: "1970-01-01T00:00:01.000Z",
    durationMs: 2_500,
    video: { $type: "blob", ref: { $link: cidOf(VIDEO) }, mimeType: "video/mp4", size: VIDEO.length },
    thumbnail: {
      $type: "blob",
      ref: { $link: cidOf(PICTURE) },
      mimeType: "image/jpeg",
      size: PICTURE.length,
    },
  });
  const said = reports.map(([path, { status, success, atprotoRkey }]) => [
    path,
    status ?? success,
    atprotoRkey,
  ]);
  assert.deepEqual(said, [
    ["/bake-status", "syncing", undefined],
    ["/bake-status", "downloading", undefined],
    ["/bake-status", "uploading-atproto", undefined],
    ["/bake-status", "finalizing", undefined],
    ["/bake-complete", true, tape.id],
  ]);
  assert.ok(reports.every(([, { code }]) => code === "aBc"));
});

test("405 for any other method, with what is allowed", async () => {
  for (const method of ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]) {
    const response = await handler(new Request("http://127.0.0.1/api/tape-bake-complete", { method }));
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"]);
  }
});

test("503 where it is not configured: names what is missing, and no value", async () => {
  const kept = { ...process.env };
  try {
    for (const name of RECEIVING) delete process.env[name];
    process.env.CALLBACK_SECRET = SECRET;
    const response = await netlifyFunction(callbackRequest(told(), { secret: SECRET }), {});
    const text = await response.text();
    assert.equal(response.status, 503);
    for (const name of RECEIVING) assert.equal(text.includes(name), name !== "CALLBACK_SECRET", name);
    assert.ok(!text.includes(SECRET));
  } finally {
    Object.assign(process.env, kept);
    if (!kept.CALLBACK_SECRET) delete process.env.CALLBACK_SECRET;
  }
});

test("400 for a body that is not understood", async () => {
  for (const raw of ["", "no JSON", "[]", "null", '"text"', Buffer.from([0x7b, 0xff, 0x7d])])
    assert.equal(await statusOf({}, { raw }), 400);
});

test("413 for a body that is too large", async () => {
  assert.equal(await statusOf(told({ warnings: "x".repeat(300_000) })), 413);
});

test("400 for fields that are missing, or are something else, by name", async () => {
  for (const [changes, name] of [
    [{ mongoId: undefined }, "mongoId"],
    [{ mongoId: { $ne: null } }, "mongoId"],
    [{ slug: "" }, "slug"],
    [{ jobId: 5 }, "jobId"],
    [{ mp4Url: undefined }, "mp4Url or error"],
    [{ mp4Url: ["https://example.com"] }, "mp4Url or error"],
  ]) {
    const response = await handler(callbackRequest(told(changes), { secret: SECRET }));
    const { error } = await response.json();
    assert.deepEqual([response.status, error], [400, `missing, or not understood: ${name}`]);
  }
  assert.equal((await found()).state, "baking");
});

test("401 for a wrong secret, however well it is signed", async () => {
  for (const secret of ["another", "", null, 5, { $ne: "" }])
    assert.equal(await statusOf({ ...told(), secret }, { key: SECRET }), 401);
  assert.equal(await statusOf({ ...told(), secret: undefined }), 401);
});

test("401 for a bad, missing or old signature, with the right secret", async () => {
  const old = Date.now() / 1000 - 301;
  for (const options of [{ key: "another" }, { headers: {} }, { atS: old }, { atS: old + 700 }])
    assert.equal(await statusOf(told(), options), 401, JSON.stringify(options));
  const good = callbackRequest(told(), { secret: SECRET });
  const changed = new Request(good.url, {
    method: "POST",
    headers: good.headers,
    body: JSON.stringify({ secret: SECRET, ...told({ mongoId: "x" }) }),
  });
  assert.equal((await handler(changed)).status, 401);
  assert.deepEqual([(await found()).state, pds.asked, reports], ["baking", [], []]);
});

test("a webhook that is done is answered 200, and nothing is done again", async () => {
  const body = told();
  assert.equal(await statusOf(body, { id: "msg_1" }), 200);
  const [before, asked, said] = [await found(), pds.asked.length, reports.length];
  assert.equal(await statusOf(body, { id: "msg_1" }), 200);
  assert.equal(await statusOf(body, { id: "msg_2" }), 200);
  assert.deepEqual([await found(), pds.asked.length, reports.length], [before, asked, said]);
});

test("while one call works on a tape another is told to come again", async () => {
  let letGo;
  files["/v.mp4"] = () => new Promise((resolve) => (letGo = () => resolve(VIDEO)));
  const first = statusOf(told(), { id: "msg_1" });
  await until(() => letGo, "the download");
  const second = await handler(callbackRequest(told(), { secret: SECRET, id: "msg_1" }));
  assert.deepEqual([second.status, second.headers.get("retry-after")], [503, "10"]);
  letGo();
  assert.equal(await first, 200);
  assert.deepEqual([pds.records.size, pds.blobs.size], [1, 2]);
  assert.equal(await statusOf(told(), { id: "msg_1" }), 200);
});

test("an error marks the tape, once, with Oven's words", async () => {
  assert.equal(await statusOf(broken(), { id: "msg_1" }), 200);
  const marked = await found();
  assert.deepEqual([marked.state, marked.why], ["failed", "no ZIP [ZIP_INVALID]"]);
  assert.deepEqual(reports, [
    ["/bake-complete", { code: "aBc", slug: "wand", success: false, error: "no ZIP" }],
  ]);
  assert.equal(await statusOf(broken(), { id: "msg_1" }), 200);
  assert.deepEqual([await found(), reports.length, pds.asked], [marked, 1, []]);
});

test("an error after a video takes nothing back", async () => {
  await statusOf(told());
  const before = await found();
  assert.equal(await statusOf(broken()), 200);
  assert.deepEqual(await found(), before);
});

test("a video after an error, of the same job run again, is taken", async () => {
  await statusOf(broken());
  assert.equal(await statusOf(told()), 200);
  assert.equal((await found()).state, "complete");
});

test("410 for what another job says, be it a video or an error", async () => {
  const before = await found();
  assert.equal(await statusOf(told({ jobId: "job-0" })), 410);
  assert.equal(await statusOf(broken({ jobId: "job-0" })), 410);
  assert.deepEqual([await found(), pds.asked], [before, []]);
});

test("410 for a tape that is not there", async () => {
  assert.equal(await statusOf(told({ mongoId: "0123456789abcdef01234567" })), 410);
  assert.equal(await statusOf(broken({ mongoId: "__proto__" })), 410);
});

test("410 for a host that is not accepted; the same webhook is taken once it is", async () => {
  remake({ download: makeDownload({ hosts: ["videos.example"] }) });
  assert.equal(await statusOf(told(), { id: "msg_1" }), 410);
  const { state, why, mp4Url } = await found();
  assert.deepEqual([state, mp4Url, pds.asked], ["failed", null, []]);
  assert.match(why, /MP4_HOSTS/);
  remake({});
  assert.equal(await statusOf(told(), { id: "msg_1" }), 200);
});

test("410 for a video that is too large for a blob: it stays where it is, to be seen", async () => {
  assert.equal(await statusOf(told({ size: BLOB_BYTES + 1 })), 410);
  const { state, why, mp4Url, lease } = await found();
  assert.deepEqual([state, mp4Url, lease], ["baked", `${host.base}/v.mp4`, null]);
  assert.match(why, /52428800/);
  assert.deepEqual(reports.at(-1)[1].success, false);
});

test("503 while the PDS is down, and the video can be seen meanwhile; later it is there once", async () => {
  pds.failures.push(503);
  assert.equal(await statusOf(told(), { id: "msg_1" }), 503);
  assert.deepEqual([(await found()).state, (await found()).lease], ["baked", null]);
  // The blobs are up, and then the record fails.
  pds.before = async (method) => {
    if (method.endsWith("putRecord") && pds.records.size === 0 && !pds.hasFailed)
      pds.hasFailed = pds.failures.push(500);
  };
  assert.equal(await statusOf(told(), { id: "msg_1" }), 503);
  assert.equal(await statusOf(told(), { id: "msg_1" }), 200);
  assert.deepEqual([pds.records.size, pds.blobs.size], [1, 2]);
  assert.equal((await found()).state, "complete");
});

test("503 where the PDS wants a pause, for as long as it wants", async () => {
  const busy = await serve(async () => new Response("{}", { status: 429, headers: { "Retry-After": "77" } }));
  remake({ pds: makePds({ url: busy.base, ...ACCOUNT }) });
  const response = await handler(callbackRequest(told(), { secret: SECRET }));
  assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "77"]);
  await busy.close();
});

test("503 for a download that stalls, within the function's time; the next one is taken", async () => {
  let letGo;
  files["/v.mp4"] = () => new Promise((resolve) => (letGo = () => resolve(VIDEO)));
  remake({ limitMs: 2_000 });
  assert.equal(await statusOf(told(), { id: "msg_1" }), 503);
  assert.deepEqual([(await found()).state, (await found()).lease], ["baked", null]);
  letGo();
  files["/v.mp4"] = () => VIDEO;
  remake({});
  assert.equal(await statusOf(told(), { id: "msg_1" }), 200);
});

test("a thumbnail that cannot be had, or may not, is left out", async () => {
  delete files["/p.jpg"];
  assert.equal(await statusOf(told()), 200);
  const { uri } = await found();
  assert.deepEqual(Object.keys(pds.records.get(uri)).includes("thumbnail"), false);
});

test("a thumbnail on another host is neither asked for nor kept", async () => {
  assert.equal(await statusOf(told({ thumbnailUrl: "https://evil.example/p.jpg" })), 200);
  assert.equal((await found()).thumbnailUrl, null);
});

test("an Oven that takes no reports spoils nothing", async () => {
  remake({ oven: makeOven({ url: "http://127.0.0.1:1" }) });
  assert.equal(await statusOf(told()), 200);
  assert.ok(logged.some(({ event }) => event === "oven_not_told"));
  assert.equal((await found()).state, "complete");
});

test("500 where the database fails, and nothing of it is told", async () => {
  const failing = { change: async () => Promise.reject(new Error(`mongodb://user:${SECRET}@host`)) };
  remake({ tapes: failing });
  const response = await handler(callbackRequest(told(), { secret: SECRET }));
  assert.equal(response.status, 500);
  assert.ok(!(await response.text()).includes(SECRET));
});
