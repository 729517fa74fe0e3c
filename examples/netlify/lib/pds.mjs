// An account at an ATProto PDS: blobs, and the records that hold them.

import { createHash } from "node:crypto";

import { Outage, Refusal, reasonOf, retryAfterS } from "./errors.mjs";

/** A blob's most bytes. */
export const BLOB_BYTES = 52_428_800;

const SESSION_MS = 10_000;
const RECORD_MS = 10_000;
const RECORD_KEY = /^(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,512}$/;
const EXPIRED = new Set(["ExpiredToken", "InvalidToken"]);
// What the same bytes would meet again.
const REFUSED = new Set([400, 413]);
const [SESSION, UPLOAD, PUT] = ["server.createSession", "repo.uploadBlob", "repo.putRecord"].map(
  (name) => `com.atproto.${name}`,
);
// What an answer must hold: a record is not to be written without its video, because something else answered.
const HOLDS = { [SESSION]: ["did", "accessJwt"], [UPLOAD]: ["blob"], [PUT]: ["uri"] };

/** Give the record key of a tape: the same each time, so that a repeat makes no second record. */
export const recordKey = (id) => (RECORD_KEY.test(id) ? id : createHash("sha256").update(id).digest("hex"));

/** Make an account of its PDS' address, its handle or DID, and an app password. */
export const makePds = ({ url, identifier, password }) => {
  // A session is kept while the function is warm: a PDS allows few new ones in a day.
  let session = null;

  const ask = async (method, { token, type = "application/json", body, signal }) => {
    let response, said;
    try {
      response = await fetch(new URL(`/xrpc/${method}`, url), {
        method: "POST",
        headers: { "Content-Type": type, ...(token && { Authorization: `Bearer ${token}` }) },
        body,
        redirect: "error",
        signal,
      });
      said = await response.json().catch(() => ({}));
    } catch (error) {
      throw new Outage(`the PDS could not be asked (${method}): ${reasonOf(error)}`, { cause: error });
    }
    const isWhole = HOLDS[method].every((name) => said?.[name]);
    const { status, headers } = response;
    return { status, headers, ok: response.ok && isWhole, said: said ?? {} };
  };

  const outage = (method, { status, headers }) => {
    // The time of a limit is told in seconds since 1970.
    const resetS = Number(headers.get("ratelimit-reset") ?? 0) - Date.now() / 1000;
    const after = status === 429 ? Math.max(retryAfterS(headers), resetS, 0) : retryAfterS(headers);
    return new Outage(`the PDS answered ${status} (${method})`, { retryAfterS: after });
  };

  const logIn = async (deadline) => {
    const body = JSON.stringify({ identifier, password });
    const answer = await ask(SESSION, { body, signal: deadline.signal(SESSION_MS) });
    // A wrong password is the operator's to put right; the tape can wait for that.
    if (!answer.ok) throw outage(SESSION, answer);
    session = { did: answer.said.did, token: answer.said.accessJwt };
  };

  /** Ask as the account, with a new session where the old one is over. */
  const call = async (method, { body, deadline, waitMs, ...rest }) => {
    const isFresh = !session;
    if (isFresh) await logIn(deadline);
    const asked = () =>
      ask(method, {
        token: session.token,
        body: body(session.did),
        signal: deadline.signal(waitMs),
        ...rest,
      });
    let answer = await asked();
    if (!isFresh && (answer.status === 401 || EXPIRED.has(answer.said.error))) {
      await logIn(deadline);
      answer = await asked();
    }
    if (answer.ok) return answer.said;
    if (answer.status === 401 || EXPIRED.has(answer.said.error)) session = null;
    else if (REFUSED.has(answer.status))
      throw new Refusal(`the PDS refused it with ${answer.status} (${method})`);
    throw outage(method, answer);
  };

  return {
    /**
     * Store bytes → the blob, to be put into a record soon: the PDS drops blobs that nothing refers to.
     *
     * @throws {Refusal} the PDS will not have them
     * @throws {Outage} it could not take them now
     */
    async uploadBlob(bytes, type, deadline) {
      if (bytes.length > BLOB_BYTES) throw new Refusal(`a blob has at most ${BLOB_BYTES} bytes`);
      const { blob } = await call(UPLOAD, { body: () => bytes, type, deadline });
      return blob;
    },

    /**
     * Write a record, or the same again → {uri, cid}. Numbers in it are whole: ATProto knows no others.
     *
     * @throws {Refusal | Outage} as above
     */
    async putRecord(collection, rkey, record, deadline) {
      const body = (repo) =>
        JSON.stringify({ repo, collection, rkey, record: { $type: collection, ...record } });
      const { uri, cid } = await call(PUT, { body, deadline, waitMs: RECORD_MS });
      return { uri, cid };
    },
  };
};
