// Why something could not be done. Messages are public: they hold no secret, and no text of a stranger's.

/** What will not be better next time. */
export class Refusal extends Error {}

/** What may be better next time; `retryAfterS` is when, in seconds, 0 where nobody said. */
export class Outage extends Error {
  constructor(message, { retryAfterS = 0, ...options } = {}) {
    super(message, options);
    this.retryAfterS = retryAfterS;
  }
}

/** Say in a word why a request had no answer; the error's own words may repeat an address with its query. */
export const reasonOf = (error) =>
  error.name === "TimeoutError" || error.name === "AbortError"
    ? "it took too long"
    : String(error.cause?.code ?? error.code ?? error.name);

/** Read Retry-After, seconds or a date (RFC 9110) → seconds from now; 0 where it says nothing. */
export const retryAfterS = (headers) => {
  const said = headers.get("retry-after") ?? "";
  const seconds = /^\d{1,6}$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1000;
  return seconds > 0 ? seconds : 0;
};
