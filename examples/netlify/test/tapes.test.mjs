// One suite for every database of tapes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { makeTapesInMongo } from "../lib/mongo.mjs";
import * as tapes from "../lib/tapes.mjs";
import { ObjectId, makeCollection } from "../local/collection.mjs";
import { makeTapesInMemory } from "../local/memory.mjs";

const MAKERS = {
  "in memory": () => makeTapesInMemory(),
  "in MongoDB, on a stand-in for its collection": () =>
    makeTapesInMongo({ collection: makeCollection(), ObjectId }),
};
// The same on a server: MONGODB_CONNECTION_STRING of one that may be written to, and `npm install` before.
if (process.env.MONGODB_CONNECTION_STRING) {
  const { openMongo } = await import("../lib/mongo.mjs");
  MAKERS["in MongoDB"] = () =>
    openMongo(
      process.env.MONGODB_CONNECTION_STRING,
      `test-${Date.now()}-${Math.random().toString(36).slice(2)}`,
    );
}
const ASKED = {
  owner: "guest",
  slug: "wand",
  code: "aBc",
  zipUrl: "https://example.com/a.zip?x=1",
  metadata: { scale: 3 },
};
const NOBODY = "0123456789abcdef01234567";

const callbackOf = (changes = {}) => ({
  webhookId: "msg_1",
  jobId: "job-1",
  now: 1_000,
  token: "t1",
  until: 2_000,
  ...changes,
});

for (const [where, make] of Object.entries(MAKERS)) {
  /** Open a tape, and let each decision change it → what was said, in order, and how the tape is then. */
  const after = async (...decisions) => {
    const kept = await make();
    const { id } = await kept.open(ASKED, 5);
    const said = [];
    for (const decide of decisions) said.push((await kept.change(id, decide)).said);
    return { said, kept, tape: await kept.find(id) };
  };

  test(`${where}: a tape is opened once, by owner and slug`, async () => {
    const kept = await make();
    const [one, again] = await Promise.all([
      kept.open(ASKED, 5),
      kept.open({ ...ASKED, zipUrl: "https://example.com/b" }, 6),
    ]);
    const other = await kept.open({ ...ASKED, owner: "alice" }, 7);
    assert.equal(one.id, again.id);
    assert.notEqual(one.id, other.id);
    const { id, ...rest } = await kept.find(one.id);
    assert.match(id, /^[0-9a-f]{24}$/);
    assert.deepEqual(rest, tapes.opened(ASKED, 5));
  });

  test(`${where}: what is no id finds nothing`, async () => {
    const kept = await make();
    await kept.open(ASKED, 5);
    for (const id of [NOBODY, "", "x", "__proto__", { $ne: null }, null]) {
      assert.equal(await kept.find(id), null);
      assert.equal((await kept.change(id, tapes.claim(callbackOf()))).said, "unknown");
    }
  });

  test(`${where}: what is pending is told, the longest unchanged first`, async () => {
    const kept = await make();
    const made = [];
    for (const slug of ["a", "b", "c"]) made.push(await kept.open({ ...ASKED, slug }, made.length));
    await kept.change(made[1].id, tapes.accept("job"));
    assert.deepEqual(
      (await kept.pending(9)).map((tape) => tape.slug),
      ["a", "c"],
    );
    await kept.change(made[0].id, tapes.delay("no room"));
    assert.deepEqual(
      (await kept.pending(9)).map((tape) => tape.slug),
      ["c", "a"],
    );
    assert.equal((await kept.pending(1)).length, 1);
  });

  test(`${where}: of many changes at once none is lost`, async () => {
    const { kept, tape } = await after();
    const add = (one) => (now) => ({ said: one, patch: { done: [...now.done, one] } });
    await Promise.all(["a", "b", "c", "d", "e"].map((one) => kept.change(tape.id, add(one))));
    const found = await kept.find(tape.id);
    assert.deepEqual([...found.done].sort(), ["a", "b", "c", "d", "e"]);
    assert.equal(found.version, 6);
  });

  test(`${where}: of two claims at once one is taken`, async () => {
    const { kept, tape } = await after();
    const claims = ["t1", "t2"].map((token) => kept.change(tape.id, tapes.claim(callbackOf({ token }))));
    assert.deepEqual((await Promise.all(claims)).map(({ said }) => said).sort(), ["busy", "claimed"]);
  });

  test(`${where}: a claim ends with its time, and who had it changes nothing more`, async () => {
    const late = callbackOf({ token: "t2", now: 2_000, until: 3_000 });
    const { said, tape } = await after(
      tapes.claim(callbackOf()),
      tapes.claim(late),
      tapes.finish("t1", { webhookId: "msg_1", rkey: "r", uri: "u" }),
      tapes.release("t1", "slow"),
    );
    assert.deepEqual(said, ["claimed", "claimed", "lost", "lost"]);
    assert.equal(tape.lease.token, "t2");
  });

  test(`${where}: the whole way to COMPLETE, after which nothing follows`, async () => {
    const { said, tape } = await after(
      tapes.accept("job-1"),
      tapes.claim(callbackOf()),
      tapes.bake("t1", { mp4Url: "m", thumbnailUrl: "p" }),
      tapes.finish("t1", { webhookId: "msg_1", rkey: "r", uri: "u" }),
      tapes.claim(callbackOf()),
      tapes.claim(callbackOf({ webhookId: "msg_2" })),
      tapes.fail(callbackOf({ webhookId: "msg_3" }), "broken"),
      tapes.claim(callbackOf({ webhookId: "msg_4", jobId: "job-2" })),
      tapes.accept("job-2"),
      tapes.reopen(ASKED),
    );
    assert.deepEqual(said.slice(0, 4), ["accepted", "claimed", "baked", "complete"]);
    assert.deepEqual(said.slice(4), ["done", "finished", "finished", "stale", "moved on", "as it was"]);
    const { state, jobId, mp4Url, thumbnailUrl, rkey, uri, why, lease, done } = tape;
    assert.deepEqual(
      { state, jobId, mp4Url, thumbnailUrl, rkey, uri, why, lease, done },
      {
        state: "complete",
        jobId: "job-1",
        mp4Url: "m",
        thumbnailUrl: "p",
        rkey: "r",
        uri: "u",
        why: null,
        lease: null,
        done: ["msg_1"],
      },
    );
  });

  test(`${where}: a callback may come before Oven's answer is written down`, async () => {
    const { said, tape } = await after(tapes.fail(callbackOf(), "broken"), tapes.accept("job-1"));
    assert.deepEqual(said, ["failed", "moved on"]);
    assert.deepEqual([tape.state, tape.jobId, tape.why], ["failed", "job-1", "broken"]);
  });

  test(`${where}: a video that is there is not taken back by an error`, async () => {
    const { said, tape } = await after(
      tapes.claim(callbackOf()),
      tapes.bake("t1", { mp4Url: "m", thumbnailUrl: null }),
      tapes.release("t1", "the PDS is down"),
      tapes.fail(callbackOf({ webhookId: "msg_2" }), "broken"),
    );
    assert.deepEqual(said, ["claimed", "baked", "released", "finished"]);
    assert.deepEqual([tape.state, tape.mp4Url, tape.why], ["baked", "m", "the PDS is down"]);
  });

  test(`${where}: a job that was run again makes good what had failed`, async () => {
    const { said, tape } = await after(
      tapes.accept("job-1"),
      tapes.fail(callbackOf(), "broken"),
      tapes.fail(callbackOf(), "broken"),
      tapes.claim(callbackOf({ webhookId: "msg_2" })),
    );
    assert.deepEqual(said, ["accepted", "failed", "done", "claimed"]);
    assert.equal(tape.jobId, "job-1");
  });

  test(`${where}: a tape that failed may be begun anew, and its former job has no say`, async () => {
    const newer = { ...ASKED, zipUrl: "https://example.com/new.zip" };
    const { said, tape } = await after(
      tapes.accept("job-1"),
      tapes.fail(callbackOf(), "broken"),
      tapes.reopen(newer),
      tapes.fail(callbackOf({ webhookId: "msg_2" }), "broken"),
      tapes.accept("job-2"),
      tapes.claim(callbackOf({ webhookId: "msg_3" })),
    );
    assert.deepEqual(said, ["accepted", "failed", "begun anew", "stale", "accepted", "stale"]);
    assert.deepEqual([tape.state, tape.round, tape.jobId, tape.zipUrl], ["baking", 2, "job-2", newer.zipUrl]);
  });

  test(`${where}: a repeat of what is pending keeps its round, with the newer link`, async () => {
    const { said, tape } = await after(
      tapes.delay("no room"),
      tapes.reopen({ ...ASKED, zipUrl: "https://example.com/a.zip?x=2" }),
    );
    assert.deepEqual(said, ["pending", "pending"]);
    assert.deepEqual([tape.state, tape.round, tape.zipUrl], ["pending", 1, "https://example.com/a.zip?x=2"]);
  });

  test(`${where}: what is given up fails, unless its video is there`, async () => {
    const before = await after(tapes.claim(callbackOf()), tapes.giveUp("t1", "wrong host"));
    assert.deepEqual([before.tape.state, before.tape.lease], ["failed", null]);
    const baked = tapes.bake("t1", { mp4Url: "m", thumbnailUrl: null });
    const later = await after(tapes.claim(callbackOf()), baked, tapes.giveUp("t1", "too large"));
    assert.deepEqual([later.tape.state, later.tape.why], ["baked", "too large"]);
  });

  test(`${where}: what Oven refuses says why`, async () => {
    const { said, tape } = await after(tapes.refuse("no zip"), tapes.refuse("again"), tapes.delay("late"));
    assert.deepEqual(said, ["refused", "moved on", "moved on"]);
    assert.deepEqual([tape.state, tape.why], ["refused", "no zip"]);
  });
}
