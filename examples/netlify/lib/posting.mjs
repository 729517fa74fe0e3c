// Handing a tape to Oven, and writing down what came of it.

import { POSTING, readConfiguration } from "./configuration.mjs";
import { Outage, Refusal } from "./errors.mjs";
import { openMongo } from "./mongo.mjs";
import { makeOven } from "./oven.mjs";
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

/** Make from the environment what posts tapes → tapes, oven, callbackUrl, secret; or what is missing there. */
export const postingParts = async (environment) => {
  const { values, missing } = readConfiguration(POSTING, environment);
  if (missing.length) return { missing };
  return {
    tapes: await openMongo(values.MONGODB_CONNECTION_STRING, values.MONGODB_NAME),
    oven: makeOven({ url: values.OVEN_URL }),
    callbackUrl: values.CALLBACK_URL,
    secret: values.CALLBACK_SECRET,
  };
};
