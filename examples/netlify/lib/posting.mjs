// Handing a tape to Oven, and writing down what came of it.

import { Outage, Refusal } from "./errors.mjs";
import { accept, delay, refuse } from "./tapes.mjs";

/**
 * Post a tape that is pending → the tape as it then is: baking, refused, or still pending.
 *
 * @param {object} parts  tapes, oven, callbackUrl, secret
 */
export const postTape = async ({ tapes, oven, callbackUrl, secret }, tape, deadline) => {
  const { id, slug, code, zipUrl, metadata, round } = tape;
  const asked = {
    mongoId: id,
    slug,
    ...(code && { code }),
    zipUrl,
    ...(metadata && { metadata }),
    callbackUrl,
    callbackSecret: secret,
  };
  let decide;
  try {
    // Of one round there is one job, also where its answer was lost.
    decide = accept(await oven.bake(asked, `tape-${id}-${round}`, deadline));
  } catch (error) {
    if (error instanceof Refusal) decide = refuse(error.message);
    else if (error instanceof Outage) decide = delay(error.message);
    else throw error;
  }
  return (await tapes.change(id, decide)).tape;
};
