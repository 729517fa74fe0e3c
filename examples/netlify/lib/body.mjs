// The bodies of requests, as bytes and as JSON objects.

import { Refusal } from "./errors.mjs";

/** As Oven's own; a tape's metadata is the largest of it. */
export const MAX_BODY_BYTES = 256 * 1024;

/**
 * Read a stream up to so many bytes → a Buffer, or null where there are more; throws where it breaks off.
 */
export const readUpTo = async (stream, limit) => {
  const chunks = [];
  let size = 0;
  // Leaving the loop early closes the stream.
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};

/**
 * Read a JSON object.
 *
 * @param {Uint8Array} bytes
 * @throws {Refusal} where it is none
 */
export const parseObject = (bytes) => {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal("the body is no JSON");
  }
  if (!isObject(value)) throw new Refusal("the body is no JSON object");
  return value;
};

/** Whether a value is a JSON object. */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a value is a text that is there; all else could be an operator of a database's query. */
export const isText = (value) => typeof value === "string" && value !== "";
