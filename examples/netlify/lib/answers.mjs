// What functions answer with.

/** JSON, with a status. */
export const answer = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
  });

/** That it may be better later. */
export const outage = (error) =>
  answer(503, { status: "error", error: error.message }, retryHeader(error.retryAfterS));

/** That only a POST is understood here. */
export const notAllowed = () =>
  answer(405, { status: "error", error: "only POST is understood here" }, { Allow: "POST" });

/** That the operator has not set what this needs; names alone, never values. */
export const notConfigured = (missing) =>
  answer(503, { status: "error", error: `not configured: ${missing.join(", ")} must be set` });

const retryHeader = (seconds) =>
  seconds > 0 && Number.isFinite(seconds) ? { "Retry-After": String(Math.ceil(seconds)) } : {};
