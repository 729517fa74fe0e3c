// A stand-in for a PDS, as strict as a real one in what is used of it: who asks, sizes, references, numbers.

import { createHash, randomUUID } from "node:crypto";

import { BLOB_BYTES } from "../lib/pds.mjs";
import { serve } from "./server.mjs";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const NSID = /^[a-z0-9-]+(\.[a-z0-9-]+)+\.[A-Za-z][A-Za-z0-9]*$/;
const RECORD_KEY = /^(?!\.{1,2}$)[A-Za-z0-9._~:-]{1,512}$/;

const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
const refusal = (status, error) => json(status, { error, message: error });

/** Name bytes as ATProto does: a CID, version 1, of a codec, by SHA-256, in base32. */
export const cidOf = (bytes, codec = 0x55) => {
  const digest = createHash("sha256").update(bytes).digest();
  let [bits, text] = ["", "b"];
  for (const byte of [1, codec, 0x12, 0x20, ...digest]) bits += byte.toString(2).padStart(8, "0");
  for (let at = 0; at < bits.length; at += 5)
    text += ALPHABET[parseInt(bits.slice(at, at + 5).padEnd(5, "0"), 2)];
  return text;
};

/** Whether a record holds a number that is not whole, which ATProto does not know. */
const hasFraction = (value) =>
  typeof value === "number"
    ? !Number.isSafeInteger(value)
    : Object.values(value ?? {}).some((one) => typeof one !== "string" && hasFraction(one));

const blobsIn = (value) =>
  typeof value !== "object" || value === null
    ? []
    : value.$type === "blob"
      ? [value]
      : Object.values(value).flatMap(blobsIn);

/** Start one with a single account → what it holds, and how to make it fail. */
export const startPds = async ({ identifier, password }) => {
  const did = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
  const pds = {
    did,
    tokens: new Set(),
    blobs: new Map(),
    records: new Map(),
    asked: [],
    // Statuses to answer with, in order, in place of what would be answered.
    failures: [],
    // Called before a method is answered.
    before: async (_method) => {},
  };

  const methods = {
    "com.atproto.server.createSession": async (request) => {
      const said = await request.json();
      if (said.identifier !== identifier || said.password !== password)
        return refusal(401, "AuthenticationRequired");
      const accessJwt = randomUUID();
      pds.tokens.add(accessJwt);
      return json(200, { did, handle: identifier, accessJwt, refreshJwt: randomUUID() });
    },

    "com.atproto.repo.uploadBlob": async (request) => {
      const mimeType = request.headers.get("content-type");
      if (!mimeType) return refusal(400, "InvalidRequest");
      const bytes = Buffer.from(await request.arrayBuffer());
      if (bytes.length > BLOB_BYTES) return refusal(413, "PayloadTooLarge");
      const blob = { $type: "blob", ref: { $link: cidOf(bytes) }, mimeType, size: bytes.length };
      pds.blobs.set(blob.ref.$link, { ...blob, bytes });
      return json(200, { blob });
    },

    "com.atproto.repo.putRecord": async (request) => {
      const { repo, collection, rkey, record } = await request.json();
      if (repo !== did || record?.$type !== collection || !NSID.test(collection) || !RECORD_KEY.test(rkey))
        return refusal(400, "InvalidRequest");
      if (hasFraction(record)) return refusal(400, "InvalidRequest");
      for (const { ref, mimeType, size } of blobsIn(record)) {
        const kept = pds.blobs.get(ref.$link);
        if (kept?.mimeType !== mimeType || kept.size !== size) return refusal(400, "BlobNotFound");
      }
      const uri = `at://${did}/${collection}/${rkey}`;
      pds.records.set(uri, record);
      return json(200, { uri, cid: cidOf(JSON.stringify(record), 0x71) });
    },
  };

  const server = await serve(async (request) => {
    const method = new URL(request.url).pathname.replace("/xrpc/", "");
    pds.asked.push(method);
    if (!methods[method] || request.method !== "POST") return refusal(501, "MethodNotImplemented");
    await pds.before(method);
    const failure = pds.failures.shift();
    if (failure) return refusal(failure, "Failed");
    const token = (request.headers.get("authorization") ?? "").replace("Bearer ", "");
    if (!method.endsWith("createSession") && !pds.tokens.has(token))
      return token ? refusal(400, "ExpiredToken") : refusal(401, "AuthMissing");
    return methods[method](request);
  });
  return Object.assign(pds, server);
};
