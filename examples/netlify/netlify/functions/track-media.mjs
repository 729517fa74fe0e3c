// Takes a tape that somebody has recorded, keeps it, and posts it to Oven.
//
//   POST /api/track-media {slug, zipUrl, code?, metadata?}
//   → 202 {status: "baking" | "pending" …, id, slug, code, jobId}; 400 where the tape is not understood, or refused

import { answer, notAllowed, notConfigured } from "../../lib/answers.mjs";
import { MAX_BODY_BYTES, isObject, isText, parseObject, readUpTo } from "../../lib/body.mjs";
import { makeDeadline } from "../../lib/deadline.mjs";
import { Refusal } from "../../lib/errors.mjs";
import { log as writeLog } from "../../lib/log.mjs";
import { postTape, postingParts } from "../../lib/posting.mjs";
import { PENDING, REFUSED, reopen } from "../../lib/tapes.mjs";
import { warm } from "../../lib/warm.mjs";

// Somebody waits for the answer; what takes longer is posted later, by post-pending.
const LIMIT_MS = 8_000;

/** Say whose tape it is, null for a stranger: THE PLACE FOR THE SITE'S OWN AUTHENTICATION. */
const anybody = async (_request) => "guest";

const readTape = (body) => {
  const { slug, code = null, zipUrl, metadata = null } = body;
  const wrong = [
    !isText(slug) && "slug",
    !isText(zipUrl) && "zipUrl",
    code !== null && !isText(code) && "code",
    metadata !== null && !isObject(metadata) && "metadata",
  ].filter(Boolean);
  if (wrong.length) throw new Refusal(`missing, or not understood: ${wrong.join(", ")}`);
  return { slug, code, zipUrl, metadata };
};

/**
 * Make the function of its parts.
 *
 * @param {object} parts  tapes, oven, callbackUrl, secret; ownerOf(request); or `missing`, where it is not configured
 */
export const makeHandler = ({
  missing = [],
  ownerOf = anybody,
  limitMs = LIMIT_MS,
  log = writeLog,
  ...parts
}) =>
  async function trackMedia(request) {
    if (request.method !== "POST") return notAllowed();
    if (missing.length) return notConfigured(missing);
    const deadline = makeDeadline(limitMs);
    try {
      const owner = await ownerOf(request);
      if (!owner) return answer(401, { status: "error", error: "say who you are" });
      const bytes = await readUpTo(request.body, MAX_BODY_BYTES);
      if (bytes === null)
        return answer(413, { status: "error", error: `a body has at most ${MAX_BODY_BYTES} bytes` });
      const asked = { owner, ...readTape(parseObject(bytes)) };
      const { id } = await parts.tapes.open(asked, Date.now());
      // From here on the tape is kept, whatever becomes of this request.
      let { tape } = await parts.tapes.change(id, reopen(asked));
      if (tape.state === PENDING) tape = await postTape(parts, tape, deadline);
      const { state, slug, code, jobId, why } = tape;
      log("tape_posted", { id, slug, state, jobId, why });
      const said = { status: state, id, slug, code, jobId };
      return state === REFUSED ? answer(400, { ...said, error: why }) : answer(202, said);
    } catch (error) {
      if (error instanceof Refusal) return answer(400, { status: "error", error: error.message });
      log("track_media_failed", { error: error.name, code: error.code });
      return answer(500, { status: "error", error: "the tape could not be kept; send it again" });
    }
  };

export default warm(async () => makeHandler(await postingParts(process.env)));

export const config = { path: "/api/track-media" };
