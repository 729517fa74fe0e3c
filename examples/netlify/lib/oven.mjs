// Oven, as the site asks it: to bake a tape, and to show what the site itself does with it then.

import { setTimeout as sleep } from "node:timers/promises";

import { Outage, Refusal, reasonOf, retryAfterS } from "./errors.mjs";

const TRY_MS = 5_000;
const REPORT_MS = 3_000;
const FIRST_PAUSE_MS = 250;
// What is wrong with the request itself: the same again would be refused again.
const REFUSED = new Set([400, 413, 422]);
// What the operator has to put right: to ask again at once is of no use.
const OURS = new Set([401, 403, 404, 405]);
const MAX_WHY_CHARS = 500;

/** Make a client of the Oven at an address. */
export const makeOven = ({ url }) => {
  const post = (path, body, { headers = {}, signal }) =>
    fetch(new URL(path, url), {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
      redirect: "error",
      signal,
    });

  const bakeOnce = async (asked, key, signal) => {
    let status, said, after;
    try {
      const response = await post("/bake", asked, { headers: { "Idempotency-Key": key }, signal });
      [status, after] = [response.status, retryAfterS(response.headers)];
      said = await response.json().catch(() => ({}));
    } catch (error) {
      throw new Outage(`Oven could not be asked: ${reasonOf(error)}`, { cause: error });
    }
    if (status === 202 && typeof said.jobId === "string") return said.jobId;
    if (REFUSED.has(status))
      throw new Refusal(String(said.error ?? `Oven answered ${status}`).slice(0, MAX_WHY_CHARS));
    throw new Outage(`Oven answered ${status}`, { retryAfterS: OURS.has(status) ? Infinity : after });
  };

  return {
    /**
     * Hand a tape in → the job's id.
     *
     * Asked again as long as there is time: Oven gives the same job for the same key, so nothing is baked twice.
     *
     * @throws {Refusal} the tape will not be taken; the message is Oven's
     * @throws {Outage} it was not taken in time
     */
    async bake(asked, key, deadline) {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
        try {
          return await bakeOnce(asked, key, deadline.signal(TRY_MS));
        } catch (error) {
          if (!(error instanceof Outage)) throw error;
          const waitMs = Math.max(pauseMs, 1000 * error.retryAfterS);
          if (waitMs >= deadline.leftMs()) throw error;
          await sleep(waitMs);
        }
      }
    },

    /**
     * Tell Oven how far the site is with a tape, for display alone.
     *
     * Reports go out one after the other while the work goes on; when one is not taken the rest is not sent.
     *
     * @param {string} code  the tape's, or its slug where it has none
     */
    reporter(code, deadline) {
      let [last, isTaken] = [Promise.resolve(), true];
      const send = (path, body) => {
        last = last.then(async () => {
          if (!isTaken) return;
          const response = await post(path, { code, ...body }, { signal: deadline.signal(REPORT_MS) }).catch(
            () => null,
          );
          await response?.body?.cancel().catch(() => {});
          isTaken = response?.ok ?? false;
        });
      };
      return {
        stage: (status, details) => send("/bake-status", { status, details }),
        end: (body) => send("/bake-complete", body),
        /** Wait for what is under way → whether all of it was taken; never throws. */
        settled: () => last.then(() => isTaken),
      };
    },
  };
};
