// Takes Oven's callback: brings the video, puts it on ATProto, and writes down where it is.
//
// 200 says that all is done, and 410 that nothing more can be; anything else asks Oven to call back again.

import { randomUUID } from "node:crypto";

import { answer, notAllowed, notConfigured, outage } from "../../lib/answers.mjs";
import { MAX_BODY_BYTES, isText, parseObject, readUpTo } from "../../lib/body.mjs";
import { RECEIVING, listed, readConfiguration } from "../../lib/configuration.mjs";
import { makeDeadline } from "../../lib/deadline.mjs";
import { makeDownload } from "../../lib/download.mjs";
import { Outage, Refusal } from "../../lib/errors.mjs";
import { log as writeLog } from "../../lib/log.mjs";
import { openMongo } from "../../lib/mongo.mjs";
import { makeOven } from "../../lib/oven.mjs";
import { BLOB_BYTES, makePds, recordKey } from "../../lib/pds.mjs";
import { bake, claim, fail, finish, giveUp, release } from "../../lib/tapes.mjs";
import { warm } from "../../lib/warm.mjs";
import { isSame, verify } from "../../lib/webhook.mjs";

// Netlify stops a function after 60 s; before that it must have let go of its tape.
const LIMIT_MS = 50_000;
// Should it be stopped nevertheless, another may begin so much later.
const LEASE_MS = 15_000;
const THUMBNAIL_BYTES = 2_000_000;
const THUMBNAIL_MS = 5_000;

const readCallback = (told) => {
  const { mongoId, slug, jobId, mp4Url, error } = told;
  const wrong = Object.entries({ mongoId, slug, jobId }).filter(([, value]) => !isText(value));
  const names = wrong.map(([name]) => name);
  if (!isText(mp4Url) && !isText(error)) names.push("mp4Url or error");
  if (names.length) throw new Refusal(`missing, or not understood: ${names.join(", ")}`);
  const isCount = Number.isSafeInteger(told.size) && told.size >= 0;
  return {
    mongoId,
    slug,
    jobId,
    code: isText(told.code) ? told.code : null,
    mp4Url: isText(error) ? null : mp4Url,
    thumbnailUrl: isText(told.thumbnailUrl) ? told.thumbnailUrl : null,
    size: isCount ? told.size : undefined,
    durationMs: Number.isFinite(told.duration) ? Math.round(1000 * told.duration) : null,
    error: isText(error) ? error : null,
    errorCode: isText(told.errorCode) ? told.errorCode : null,
  };
};

// What is answered where there is nothing to do.
const SETTLED = {
  done: () => answer(200, { status: "done" }),
  finished: () => answer(200, { status: "finished" }),
  failed: () => answer(200, { status: "failed" }),
  stale: () => answer(410, { status: "error", error: "another job has followed this one" }),
  unknown: () => answer(410, { status: "error", error: "there is no such tape" }),
  busy: () => outage(new Outage("this tape is being worked on", { retryAfterS: 10 })),
};

/**
 * Make the function of its parts.
 *
 * @param {object} parts  tapes, pds, oven, download, secret, collection; or `missing`, where it is not configured
 */
export const makeHandler = ({
  missing = [],
  limitMs = LIMIT_MS,
  now = Date.now,
  log = writeLog,
  ...parts
}) => {
  const { tapes, pds, oven, download, secret, collection } = parts;

  /** Bring the video and put it at the PDS; throws where that cannot be. */
  const syncVideo = async (token, callback, webhookId, { report, deadline }) => {
    const { mongoId, slug, code, size, durationMs } = callback;
    const held = async (decide) => {
      const { said, tape } = await tapes.change(mongoId, decide);
      if (said === "lost") throw new Outage("another call works on this tape");
      return tape;
    };
    report.stage("syncing");
    const mp4Url = download.check(callback.mp4Url, "mp4Url");
    const thumbnailUrl = thumbnailOf(callback);
    const tape = await held(bake(token, { mp4Url, thumbnailUrl }));

    report.stage("downloading");
    const wanted = { name: "mp4Url", type: "video/mp4", limit: BLOB_BYTES, size };
    const video = await download.fetchFile(mp4Url, { ...wanted, signal: deadline.signal() });
    const picture = thumbnailUrl && (await fetchThumbnail(thumbnailUrl, deadline));

    report.stage("uploading-atproto", `${video.length} bytes`);
    const record = { slug, createdAt: new Date(tape.createdAt).toISOString() };
    if (code) record.code = code;
    if (durationMs !== null) record.durationMs = durationMs;
    record.video = await pds.uploadBlob(video, "video/mp4", deadline);
    if (picture) record.thumbnail = await pds.uploadBlob(picture, "image/jpeg", deadline);
    const rkey = recordKey(mongoId);
    const { uri } = await pds.putRecord(collection, rkey, record, deadline);

    report.stage("finalizing");
    await held(finish(token, { webhookId, rkey, uri }));
    return { rkey, uri, mp4Url, thumbnailUrl };
  };

  const thumbnailOf = ({ thumbnailUrl, mongoId }) => {
    try {
      return thumbnailUrl && download.check(thumbnailUrl, "thumbnailUrl");
    } catch (error) {
      log("thumbnail_left_out", { id: mongoId, why: error.message });
      return null;
    }
  };

  /** Bring the thumbnail; a video without one is as good. */
  const fetchThumbnail = async (url, deadline) => {
    const wanted = { name: "thumbnailUrl", type: "image/jpeg", limit: THUMBNAIL_BYTES };
    try {
      return await download.fetchFile(url, { ...wanted, signal: deadline.signal(THUMBNAIL_MS) });
    } catch (error) {
      log("thumbnail_left_out", { why: error.message });
      return null;
    }
  };

  const takeVideo = async (callback, webhookId, deadline) => {
    const { mongoId, jobId, slug, code } = callback;
    const [token, at] = [randomUUID(), now()];
    const { said } = await tapes.change(
      mongoId,
      claim({ webhookId, jobId, now: at, token, until: at + limitMs + LEASE_MS }),
    );
    log("callback_taken", { id: mongoId, job: jobId, said });
    if (said !== "claimed") return SETTLED[said]();
    const report = oven.reporter(code ?? slug, deadline);
    let result;
    try {
      const done = await syncVideo(token, callback, webhookId, { report, deadline });
      report.end({
        slug,
        success: true,
        mp4Url: done.mp4Url,
        thumbnailUrl: done.thumbnailUrl,
        atprotoRkey: done.rkey,
      });
      log("tape_complete", { id: mongoId, uri: done.uri });
      result = answer(200, { status: "complete", rkey: done.rkey, uri: done.uri });
    } catch (error) {
      const isKnown = error instanceof Refusal || error instanceof Outage;
      const why = isKnown ? error.message : "something unexpected happened";
      log("tape_not_complete", {
        id: mongoId,
        why,
        error: isKnown ? undefined : error.name,
        code: error.code,
      });
      const isFinal = error instanceof Refusal;
      await tapes.change(mongoId, isFinal ? giveUp(token, why) : release(token, why));
      report.end({ slug, success: false, error: why });
      if (isFinal) result = answer(410, { status: "error", error: why });
      else result = isKnown ? outage(error) : answer(500, { status: "error", error: why });
    }
    if (!(await report.settled())) log("oven_not_told", { id: mongoId });
    return result;
  };

  const takeError = async ({ mongoId, jobId, slug, code, error, errorCode }, webhookId, deadline) => {
    const why = errorCode ? `${error} [${errorCode}]` : error;
    const { said } = await tapes.change(mongoId, fail({ webhookId, jobId, now: now() }, why));
    log("callback_taken", { id: mongoId, job: jobId, said, why });
    if (said === "failed") {
      const report = oven.reporter(code ?? slug, deadline);
      report.end({ slug, success: false, error });
      if (!(await report.settled())) log("oven_not_told", { id: mongoId });
    }
    return SETTLED[said]();
  };

  return async function tapeBakeComplete(request) {
    if (request.method !== "POST") return notAllowed();
    if (missing.length) return notConfigured(missing);
    const deadline = makeDeadline(limitMs);
    try {
      const bytes = await readUpTo(request.body, MAX_BODY_BYTES);
      if (bytes === null)
        return answer(413, { status: "error", error: `a body has at most ${MAX_BODY_BYTES} bytes` });
      const told = parseObject(bytes);
      const signed = verify({ headers: request.headers, body: bytes, secret, nowS: now() / 1000 });
      // Both are looked at, so that neither alone opens this door.
      if (!isSame(told.secret, secret) || signed.why) {
        log("callback_refused", { why: signed.why ?? "its secret is wrong" });
        return answer(401, { status: "error", error: "the secret or the signature is wrong, or not of now" });
      }
      const callback = readCallback(told);
      const take = callback.error === null ? takeVideo : takeError;
      return await take(callback, signed.id, deadline);
    } catch (error) {
      if (error instanceof Refusal) return answer(400, { status: "error", error: error.message });
      log("tape_bake_complete_failed", { error: error.name, code: error.code });
      return error instanceof Outage
        ? outage(error)
        : answer(500, { status: "error", error: "try again later" });
    }
  };
};

const fromEnvironment = async () => {
  const { values, missing } = readConfiguration(RECEIVING, process.env);
  if (missing.length) return makeHandler({ missing });
  return makeHandler({
    tapes: await openMongo(values.MONGODB_CONNECTION_STRING, values.MONGODB_NAME),
    pds: makePds({
      url: values.ATPROTO_PDS,
      identifier: values.ATPROTO_IDENTIFIER,
      password: values.ATPROTO_PASSWORD,
    }),
    oven: makeOven({ url: values.OVEN_URL }),
    download: makeDownload({ hosts: listed(values.MP4_HOSTS) }),
    secret: values.CALLBACK_SECRET,
    collection: values.ATPROTO_COLLECTION,
  });
};

export default warm(fromEnvironment);

// A literal: Netlify reads it without running the file.
export const config = { path: "/api/tape-bake-complete" };
