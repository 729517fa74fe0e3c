// What is brought, from where, and how much of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { makeDownload } from "../lib/download.mjs";
import { Outage, Refusal } from "../lib/errors.mjs";
import { serve } from "../local/server.mjs";

const asked = [];
let server, download;
const file = (body, headers = {}, status = 200) =>
  new Response(body, { status, headers: { "content-type": "video/mp4", ...headers } });
/** Bytes that come in pieces, without a length before them. */
const pieces = (count, size) =>
  new ReadableStream({
    pull(controller) {
      if (count === 0) return controller.close();
      count -= 1;
      controller.enqueue(new Uint8Array(size));
    },
  });
const answers = {
  "/v.mp4": () => file("0123456789"),
  "/pieces.mp4": () => file(pieces(1_000, 1_000)),
  "/endless.mp4": () => file(pieces(Infinity, 1_000)),
  "/stalls.mp4": () =>
    file(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(5)), cancel() {} })),
  "/breaks.mp4": () =>
    file(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(5)),
        pull: () => Promise.reject(new Error("cut")),
      }),
    ),
  "/moved.mp4": () => file("", { location: "/v.mp4" }, 302),
  "/gone.mp4": () => file("", {}, 404),
  "/empty.mp4": () => file(""),
  "/page.mp4": () => file("<html>", { "content-type": "text/html" }),
};

before(async () => {
  server = await serve(async (request) => {
    asked.push(new URL(request.url).pathname);
    return answers[new URL(request.url).pathname]();
  });
  download = makeDownload({ hosts: [server.base, "videos.example"] });
});
after(() => server.close());

const fetchFile = (path, wanted = {}) =>
  download.fetchFile(server.base + path, {
    name: "mp4Url",
    type: "video/mp4",
    limit: 10,
    signal: AbortSignal.timeout(5_000),
    ...wanted,
  });

test("a file is brought as it is", async () => {
  assert.equal(String(await fetchFile("/v.mp4", { size: 10 })), "0123456789");
  assert.equal((await fetchFile("/pieces.mp4", { limit: 1_000_000 })).length, 1_000_000);
});

test("only hosts that are listed are asked, by https unless their origin says otherwise", () => {
  assert.equal(
    download.check("https://videos.example/a|b.mp4?x=1", "it"),
    "https://videos.example/a|b.mp4?x=1",
  );
  for (const address of [
    "http://videos.example/v.mp4",
    "https://videos.example:8443/v.mp4",
    "https://cdn.videos.example/v.mp4",
    "https://videos.example.evil.example/v.mp4",
    "https://user:word@videos.example/v.mp4",
    "https://videos.example@evil.example/v.mp4",
    "https://evil.example/?https://videos.example/",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "data:video/mp4;base64,AAAA",
    "javascript:0",
    `blob:${server.base}/v.mp4`,
    "v.mp4",
    "",
  ])
    assert.throws(() => download.check(address, "mp4Url"), Refusal, address);
});

test("a host that is not listed is not even asked", async () => {
  const other = makeDownload({ hosts: ["videos.example"] });
  const before = asked.length;
  const wanted = { name: "mp4Url", type: "video/mp4", limit: 10, signal: AbortSignal.timeout(5_000) };
  await assert.rejects(other.fetchFile(`${server.base}/v.mp4`, wanted), Refusal);
  assert.equal(asked.length, before);
});

test("what is too large is refused: by what was told, by its length, by its bytes", async () => {
  const before = asked.length;
  await assert.rejects(fetchFile("/v.mp4", { size: 11 }), /more than the 10 bytes/);
  assert.equal(asked.length, before);
  for (const path of ["/v.mp4", "/endless.mp4"]) await assert.rejects(fetchFile(path, { limit: 9 }), Refusal);
});

test("what is not whole, or not there, may be better next time", async () => {
  for (const path of ["/breaks.mp4", "/gone.mp4", "/empty.mp4", "/page.mp4"])
    await assert.rejects(fetchFile(path), Outage, path);
  await assert.rejects(fetchFile("/v.mp4", { size: 9 }), Outage);
});

test("a redirect is not followed", async () => {
  await assert.rejects(fetchFile("/moved.mp4"), Outage);
  assert.equal(asked.at(-1), "/moved.mp4");
});

test("what stalls is given up when its time is over", async () => {
  await assert.rejects(fetchFile("/stalls.mp4", { signal: AbortSignal.timeout(100) }), /took too long/);
});
