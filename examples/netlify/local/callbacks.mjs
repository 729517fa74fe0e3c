// Callbacks as Oven sends them, made by hand.

import { randomUUID } from "node:crypto";

import { sign } from "../lib/webhook.mjs";

/** Make the request of a callback; each part may be another than it should. */
export const callbackRequest = (
  told,
  { secret, id = `msg_${randomUUID()}`, atS = Date.now() / 1000, key, raw, headers } = {},
) => {
  const body = Buffer.from(raw ?? JSON.stringify({ secret, ...told }));
  const timestamp = String(Math.floor(atS));
  const signed = {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": sign({ id, timestamp, body, secret: key ?? secret }),
  };
  return new Request("http://127.0.0.1/api/tape-bake-complete", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(headers ?? signed) },
    body,
  });
};

/** Wait for what somebody else brings about; fails where it does not come. */
export const until = async (look, what, limitMs = 30_000) => {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
