// A tape's record: its states, and what may follow what. Decisions only; `mongo.mjs` and `local/memory.mjs` keep them.
//
// A database of tapes has four verbs, all asynchronous:
//
//   open(asked, now)      → the tape of that owner and slug; made, PENDING, where there was none
//   find(id)              → the tape, or null
//   change(id, decide)    → calls `decide(tape or null)`, writes its `patch` as long as nobody has changed the tape
//                           meanwhile, else asks again; gives what it `said`, and the tape as it then is
//   pending(limit)        → tapes that wait to be posted, the longest unchanged first
//
// A tape: id, owner, slug, code, zipUrl, metadata, state, round (how often it was begun anew), jobId (Oven's),
// formerJobs, why, mp4Url, thumbnailUrl, rkey, uri (at PDS), done (webhook-ids), lease ({token, until} of who works
// on it, or null), createdAt, updatedAt; instants are milliseconds since 1970. `version` grows with each change.

/** To be posted to Oven, or to be posted again. */
export const PENDING = "pending";
/** Oven has it. */
export const BAKING = "baking";
/** Oven will not take it; `why` says so. */
export const REFUSED = "refused";
/** There will be no video of it; `why` says so. */
export const FAILED = "failed";
/** Its video stands in the bucket, and is not at the PDS yet; `why` says what was in the way. */
export const BAKED = "baked";
/** Its video stands in the bucket and at the PDS. Nothing follows. */
export const COMPLETE = "complete";

const IDS_KEPT = 20;

/** Give the record of a new tape, but for its id. */
export const opened = ({ owner, slug, code, zipUrl, metadata }, now) => ({
  owner,
  slug,
  code,
  zipUrl,
  metadata,
  state: PENDING,
  round: 1,
  jobId: null,
  formerJobs: [],
  why: null,
  mp4Url: null,
  thumbnailUrl: null,
  rkey: null,
  uri: null,
  done: [],
  lease: null,
  createdAt: now,
  updatedAt: now,
  version: 1,
});

/** Ask for a tape again: one that came to nothing is begun anew, any other stays as it is. */
export const reopen =
  ({ code, zipUrl, metadata }) =>
  (tape) => {
    // A link that is signed may be a newer one.
    if (tape.state === PENDING) return { said: "pending", patch: { zipUrl } };
    if (tape.state !== REFUSED && tape.state !== FAILED) return { said: "as it was" };
    const formerJobs = [...tape.formerJobs, tape.jobId].filter(Boolean).slice(-IDS_KEPT);
    const fresh = { state: PENDING, round: tape.round + 1, jobId: null, formerJobs, why: null };
    return { said: "begun anew", patch: { code, zipUrl, metadata, ...fresh } };
  };

/** Oven has it. Its callback may have come before its answer, so only what is pending moves. */
export const accept = (jobId) => (tape) =>
  tape.state === PENDING
    ? { said: "accepted", patch: { state: BAKING, jobId, why: null } }
    : { said: "moved on" };

/** Oven will not have it. */
export const refuse = (why) => (tape) =>
  tape.state === PENDING ? { said: "refused", patch: { state: REFUSED, why } } : { said: "moved on" };

/** Oven could not be asked: it stays pending, and says why. */
export const delay = (why) => (tape) =>
  tape.state === PENDING ? { said: "pending", patch: { why } } : { said: "moved on" };

/** Say what a callback finds: "" where it may go on. */
const standing = (tape, { webhookId, jobId, succeeded, now }) => {
  if (!tape) return "unknown";
  if (tape.done.includes(webhookId)) return "done";
  // What a job says that another has followed is of the past.
  if (tape.formerJobs.includes(jobId) || (tape.jobId ?? jobId) !== jobId) return "stale";
  // A good video is never taken back.
  if (tape.state === COMPLETE || (tape.state === BAKED && !succeeded)) return "finished";
  if (tape.lease && tape.lease.until > now) return "busy";
  return "";
};

/**
 * Begin to work on a video: nobody else may until it is let go, or its time is over.
 *
 * @param {{webhookId: string, jobId: string, now: number, token: string, until: number}} callback
 */
export const claim = (callback) => (tape) => {
  const said = standing(tape, { ...callback, succeeded: true });
  const { jobId, token, until } = callback;
  return said ? { said } : { said: "claimed", patch: { jobId, lease: { token, until } } };
};

/** Note that there will be no video. */
export const fail = (callback, why) => (tape) => {
  const said = standing(tape, { ...callback, succeeded: false });
  if (said) return { said };
  const done = [...tape.done, callback.webhookId].slice(-IDS_KEPT);
  return { said: "failed", patch: { state: FAILED, why, jobId: callback.jobId, lease: null, done } };
};

/** Whoever works on a tape changes it; who has lost it does not. */
const whileHeld = (token, said, patch) => (tape) =>
  tape?.lease?.token === token
    ? { said, patch: typeof patch === "function" ? patch(tape) : patch }
    : { said: "lost" };

/** Its video is there: the site may show it, whatever becomes of the PDS. */
export const bake = (token, { mp4Url, thumbnailUrl }) =>
  whileHeld(token, "baked", { state: BAKED, mp4Url, thumbnailUrl, why: null });

/** All is done. */
export const finish = (token, { webhookId, rkey, uri }) =>
  whileHeld(token, "complete", (tape) => {
    const done = [...tape.done, webhookId].slice(-IDS_KEPT);
    return { state: COMPLETE, rkey, uri, why: null, lease: null, done };
  });

/** Let go of it, to be tried again. */
export const release = (token, why) => whileHeld(token, "released", { lease: null, why });

/** Let go of it for good: it fails, unless its video is there already. */
export const giveUp = (token, why) =>
  whileHeld(token, "given up", (tape) => ({
    lease: null,
    why,
    state: tape.state === BAKED ? BAKED : FAILED,
  }));
