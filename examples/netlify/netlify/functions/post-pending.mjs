// Posts the tapes again that could not be posted when they came.

import { answer, notConfigured } from "../../lib/answers.mjs";
import { makeDeadline } from "../../lib/deadline.mjs";
import { log as writeLog } from "../../lib/log.mjs";
import { postTape, postingParts } from "../../lib/posting.mjs";
import { PENDING } from "../../lib/tapes.mjs";
import { warm } from "../../lib/warm.mjs";

// A scheduled function has 30 s.
const LIMIT_MS = 25_000;
const AT_ONCE = 20;

/** Make the function of its parts: tapes, oven, callbackUrl, secret; or `missing`, where it is not configured. */
export const makeHandler = ({ missing = [], limitMs = LIMIT_MS, log = writeLog, ...parts }) =>
  async function postPending(_request) {
    if (missing.length) return notConfigured(missing);
    const deadline = makeDeadline(limitMs);
    const count = {};
    for (const waiting of await parts.tapes.pending(AT_ONCE)) {
      const tape = await postTape(parts, waiting, deadline);
      count[tape.state] = (count[tape.state] ?? 0) + 1;
      log("tape_posted_again", { id: tape.id, state: tape.state, jobId: tape.jobId, why: tape.why });
      // Where Oven has no room for one it has none for the next.
      if (tape.state === PENDING) break;
    }
    return answer(200, count);
  };

export default warm(async () => makeHandler(await postingParts(process.env)));

export const config = { schedule: "*/5 * * * *" };
