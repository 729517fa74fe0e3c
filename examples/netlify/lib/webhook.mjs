// Who calls back: the secret in the body, and the signature of Standard Webhooks in the headers.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** How old, or how far ahead, a webhook may be, in seconds. */
export const TOLERANCE_S = 300;

const MAX_ID_CHARS = 256;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Give the key of a secret: of whsec_… the rest, decoded, where it is base64; else its own bytes. */
const keyOf = (secret) => {
  const rest = secret.startsWith("whsec_") ? secret.slice("whsec_".length) : "";
  return rest && BASE64.test(rest) ? Buffer.from(rest, "base64") : Buffer.from(secret);
};

/** Whether two texts are one, in a time that tells nothing of them. */
export const isSame = (given, due) => {
  if (typeof given !== "string") return false;
  const [one, other] = [given, due].map((text) => createHash("sha256").update(text).digest());
  return timingSafeEqual(one, other);
};

/**
 * Give a webhook's signature, as one of those that `webhook-signature` lists.
 *
 * @param {Uint8Array} body  the bytes as they were sent
 */
export const sign = ({ id, timestamp, body, secret }) => {
  const mac = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
  return `v1,${mac.digest("base64")}`;
};

/**
 * Look whether a webhook is its sender's, and of now.
 *
 * @param {Headers} headers
 * @param {Uint8Array} body  the bytes as they came
 * @param {number} nowS  seconds since 1970
 * @returns {{id: string} | {why: string}}  its webhook-id, or what is wrong with it
 */
export const verify = ({ headers, body, secret, nowS }) => {
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map(
    (name) => headers.get(`webhook-${name}`) ?? "",
  );
  if (!id || id.length > MAX_ID_CHARS || !/^\d{1,12}$/.test(timestamp) || !signatures)
    return { why: "it is not signed" };
  if (Math.abs(nowS - Number(timestamp)) > TOLERANCE_S) return { why: "it is not of now" };
  const due = sign({ id, timestamp, body, secret });
  // While a secret is changed there may be several.
  const fits = signatures.split(" ").filter((one) => isSame(one, due));
  return fits.length ? { id } : { why: "its signature is wrong" };
};
