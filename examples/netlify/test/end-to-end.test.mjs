// The whole way, with a running Oven at OVEN_URL, which has CALLBACK_SECRET and may reach 127.0.0.1.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { makeDownload } from "../lib/download.mjs";
import { makeOven } from "../lib/oven.mjs";
import { until } from "../local/callbacks.mjs";
import { serve } from "../local/server.mjs";
import { startSite } from "../local/site.mjs";
import { makeHandler as makeReceiver } from "../netlify/functions/tape-bake-complete.mjs";
import { makeHandler as makeTrackMedia } from "../netlify/functions/track-media.mjs";

const { OVEN_URL, CALLBACK_SECRET: secret } = process.env;
const files = {
  "/tape.zip": await readFile(new URL("../../tape.zip", import.meta.url)),
  "/broken.zip": Buffer.from("no zip"),
};
let site, gate, asked, events;
// What becomes of what is asked of Oven through the gate; by default it is handed on.
let onAsked;

const handOn = async (request, path, body) => {
  const headers = Object.fromEntries(
    [...request.headers].filter(([name]) => !["host", "content-length", "connection"].includes(name)),
  );
  return fetch(OVEN_URL + path, { method: request.method, headers, body });
};

before(async () => {
  assert.ok(OVEN_URL && secret, "OVEN_URL and CALLBACK_SECRET must be those of a running Oven");
  gate = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    const answer = await onAsked(request, pathname, body);
    asked.push({ path: pathname, status: answer.status, body: JSON.parse(body) });
    return new Response(await answer.text(), { status: answer.status });
  });
});
after(() => gate.close());
beforeEach(async () => {
  [asked, events, onAsked] = [[], [], handOn];
  const log = (event, fields) => events.push({ event, ...fields });
  site = await startSite({ ovenUrl: OVEN_URL, secret, files, log, oven: makeOven({ url: gate.base }) });
});
afterEach(() => site.close());

const post = async (changes = {}) => {
  const body = { slug: `s-${randomUUID()}`, zipUrl: `${site.base}/tape.zip`, ...changes };
  const response = await fetch(`${site.base}/api/track-media`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  return { http: response.status, slug: body.slug, ...(await response.json()) };
};
const inState = (id, ...states) =>
  until(async () => {
    const tape = await site.tapes.find(id);
    return states.includes(tape.state) && !tape.lease && tape;
  }, `a tape that is ${states}`);
const statusOf = async (jobId) => (await fetch(`${OVEN_URL}/status/${jobId}`)).json();
const jobOf = async (jobId) => (await fetch(`${OVEN_URL}/v1/jobs/${jobId}`)).json();
const delivered = (jobId, state = "delivered") =>
  until(async () => {
    const { callback } = await jobOf(jobId);
    return callback?.state === state && callback;
  }, `a callback that is ${state}`);
const replay = (jobId) => fetch(`${OVEN_URL}/v1/jobs/${jobId}/callback/replay`, { method: "POST" });
const countOf = (method) => site.pds.asked.filter((one) => one.endsWith(method)).length;

test("a tape is posted, baked, called back, put on ATProto, and Oven is told each stage", async () => {
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  site.pds.before = (method) => (method.endsWith("uploadBlob") ? held : undefined);
  const { http, id, jobId, status } = await post({ code: "aBc", metadata: { scale: 2 } });
  assert.deepEqual([http, status], [202, "baking"]);

  // While the PDS takes its time, Oven shows what the receiver is at, and the site has the video already.
  const item = await until(async () => {
    const found = await statusOf(jobId);
    return found.receiver?.status === "uploading-atproto" && found;
  }, "the stage in Oven's status");
  assert.deepEqual([item.state, item.mongoId, (await site.tapes.find(id)).state], ["done", id, "baked"]);
  letGo();

  const tape = await inState(id, "complete");
  const record = site.pds.records.get(tape.uri);
  const video = Buffer.from(await (await fetch(tape.mp4Url)).arrayBuffer());
  assert.ok(video.subarray(4, 8).equals(Buffer.from("ftyp")));
  assert.ok(site.pds.blobs.get(record.video.ref.$link).bytes.equals(video));
  assert.equal(site.pds.blobs.get(record.thumbnail.ref.$link).mimeType, "image/jpeg");
  assert.deepEqual([record.code, tape.rkey, tape.jobId], ["aBc", id, jobId]);
  assert.ok(Math.abs(record.durationMs - 2_500) < 60);

  assert.equal((await delivered(jobId)).tries, 1);
  const stages = asked.filter(({ path }) => path !== "/bake");
  assert.deepEqual(
    stages.map(({ path, status: answered, body }) => [path, answered, body.status ?? body.success]),
    [
      ["/bake-status", 200, "syncing"],
      ["/bake-status", 200, "downloading"],
      ["/bake-status", 200, "uploading-atproto"],
      ["/bake-status", 200, "finalizing"],
      ["/bake-complete", 200, true],
    ],
  );
  const recent = (await (await fetch(`${OVEN_URL}/status`)).json()).recent.find((one) => one.jobId === jobId);
  assert.deepEqual([recent.success, recent.receiver], [true, { success: true }]);
});

test("while the PDS is down Oven is told so, comes again, and there is one record", async () => {
  const bytes = [];
  const receive = site.routes["/api/tape-bake-complete"];
  site.routes["/api/tape-bake-complete"] = async (request) => {
    const body = await request.clone().text();
    const answer = await receive(request);
    bytes.push([answer.status, request.headers.get("webhook-id"), body]);
    return answer;
  };
  site.pds.failures.push(503);
  const { id, jobId } = await post();
  const tape = await inState(id, "complete");
  assert.ok((await delivered(jobId)).tries === 2);
  assert.deepEqual(
    bytes.map(([status]) => status),
    [503, 200],
  );
  assert.deepEqual(bytes[0].slice(1), bytes[1].slice(1));
  assert.deepEqual([site.pds.records.size, site.pds.blobs.size, countOf("putRecord")], [1, 2, 1]);
  assert.equal(tape.why, null);
});

test("a callback that is sent again is taken, and nothing is done again", async () => {
  const { id, jobId } = await post();
  const tape = await inState(id, "complete");
  await delivered(jobId);
  const before = site.pds.asked.length;
  assert.equal((await replay(jobId)).status, 202);
  await until(
    () => events.filter(({ event, said }) => event === "callback_taken" && said === "done").length === 1,
    "the replay",
  );
  await delivered(jobId);
  assert.deepEqual([await site.tapes.find(id), site.pds.asked.length], [tape, before]);
});

test("a tape that cannot be baked is marked with Oven's reason, and can be asked for again", async () => {
  const { id, jobId, slug } = await post({ zipUrl: `${site.base}/broken.zip` });
  const { why } = await inState(id, "failed");
  assert.match(why, /ZIP.*\[ZIP_/);
  await delivered(jobId);
  assert.deepEqual(site.pds.asked, []);
  const again = await post({ slug });
  assert.equal(again.id, id);
  assert.notEqual(again.jobId, jobId);
  await inState(id, "complete");
});

test("an Oven that is down when a tape comes bakes it later", async () => {
  onAsked = async () => Promise.reject(new Error("down"));
  site.routes["/api/track-media"] = makeTrackMedia({ ...site.parts, limitMs: 500 });
  const { http, id, status } = await post();
  assert.deepEqual([http, status], [202, "pending"]);
  onAsked = handOn;
  assert.deepEqual(await (await site.postPending(new Request("http://127.0.0.1"))).json(), { baking: 1 });
  await inState(id, "complete");
});

test("where Oven's answer is lost the same job is found again, and baked once", async () => {
  const answers = [];
  onAsked = async (...request) => {
    const answer = await handOn(...request);
    answers.push(await answer.clone().json());
    if (answers.length === 1) throw new Error("cut");
    return answer;
  };
  const { id, jobId } = await post();
  assert.deepEqual(
    answers.slice(0, 2).map((answer) => answer.jobId),
    [jobId, jobId],
  );
  await inState(id, "complete");
});

test("what Oven refuses says why", async () => {
  const { http, status, id, error } = await post({ zipUrl: "ftp://example.com/tape.zip" });
  assert.deepEqual([http, status], [400, "refused"]);
  assert.match(error, /zipUrl/);
  assert.equal((await site.tapes.find(id)).why, error);
});

test("Oven's own signature is what lets it in: a secret of another site does not", async () => {
  site.routes["/api/tape-bake-complete"] = makeReceiver({ ...site.parts, secret: "another" });
  const { id, jobId } = await post();
  await until(async () => (await jobOf(jobId)).callback?.tries >= 1, "the first try");
  assert.equal((await site.tapes.find(id)).state, "baking");
  assert.ok(events.some(({ event }) => event === "callback_refused"));
  await fetch(`${OVEN_URL}/v1/jobs/${jobId}`, { method: "DELETE" });
});

test("where the video's host is not accepted Oven stops; it is put right, and sent again", async () => {
  const receive = site.routes["/api/tape-bake-complete"];
  const download = makeDownload({ hosts: ["videos.example"] });
  site.routes["/api/tape-bake-complete"] = makeReceiver({ ...site.parts, download });
  const { id, jobId } = await post();
  await delivered(jobId, "gone");
  assert.match((await inState(id, "failed")).why, /MP4_HOSTS/);
  site.routes["/api/tape-bake-complete"] = receive;
  assert.equal((await replay(jobId)).status, 202);
  await inState(id, "complete");
  await delivered(jobId);
});
