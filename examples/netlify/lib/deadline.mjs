// How long is left: a function is cut off at its limit, and must have said how it stands before that.

/**
 * Begin to count.
 *
 * @param {number} limitMs  for everything together
 */
export const makeDeadline = (limitMs) => {
  const end = performance.now() + limitMs;
  const leftMs = () => Math.max(0, Math.floor(end - performance.now()));
  return {
    leftMs,
    /** A signal for one wait: of so many milliseconds, and no more than are left. */
    signal: (waitMs = limitMs) => AbortSignal.timeout(Math.min(waitMs, leftMs())),
  };
};
