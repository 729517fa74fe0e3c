// A function's parts are made at its first request, and kept while it is warm.

import { answer } from "./answers.mjs";
import { log } from "./log.mjs";

/**
 * Make a Netlify function of what makes its handler.
 *
 * @param {() => Promise<(request: Request) => Promise<Response>>} make  asked again where it has failed
 */
export const warm = (make) => {
  let handler = null;
  return async (request, _context) => {
    try {
      handler ??= await make();
    } catch (error) {
      // A driver's own words may repeat the connection's secret.
      log("function_not_ready", { error: error.name, code: error.code });
      return answer(503, { status: "error", error: "the function is not ready; try again later" });
    }
    return handler(request);
  };
};
