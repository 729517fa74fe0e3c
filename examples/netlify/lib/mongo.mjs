// Tapes in MongoDB.

import { Outage } from "./errors.mjs";
import { PENDING, opened } from "./tapes.mjs";

const COLLECTION = "tapes";
const DUPLICATE_KEY = 11000;
// A tape has one or two writers; who meets another so often has met something else.
const TRIES = 20;
const TIMEOUT_MS = 5_000;

/**
 * Connect to the database; a function that is warm keeps its connection.
 *
 * The driver is loaded here and not before, so tests, and functions that are not configured, do without it.
 */
export const openMongo = async (connectionString, name) => {
  const { MongoClient, ObjectId } = await import("mongodb");
  const client = new MongoClient(connectionString, {
    maxPoolSize: 2,
    serverSelectionTimeoutMS: TIMEOUT_MS,
    // A finished tape must outlast the server that was told of it.
    writeConcern: { w: "majority" },
  });
  try {
    const collection = client.db(name).collection(COLLECTION);
    await collection.createIndex({ owner: 1, slug: 1 }, { unique: true });
    await collection.createIndex({ state: 1, updatedAt: 1 });
    return makeTapesInMongo({ collection, ObjectId });
  } catch (error) {
    // The next request connects anew; this one leaves nothing open.
    await client.close();
    throw error;
  }
};

/**
 * Keep tapes in a collection, each found by its `_id`; other members of a document are left alone.
 *
 * @param {{collection: object, ObjectId: Function, now?: () => number}} parts  the driver's own
 */
export const makeTapesInMongo = ({ collection, ObjectId, now = Date.now }) => {
  const tapeOf = (document) => {
    if (!document) return null;
    const { _id, ...rest } = document;
    return { id: _id.toHexString(), ...rest };
  };
  // An id comes from a caller: what is none finds nothing, and is never a query.
  const keyOf = (id) =>
    typeof id === "string" && /^[0-9a-f]{24}$/.test(id) ? { _id: ObjectId.createFromHexString(id) } : null;
  const find = async (id) => tapeOf(keyOf(id) && (await collection.findOne(keyOf(id))));

  return {
    find,

    async open(asked, at) {
      const { owner, slug } = asked;
      const known = await collection.findOne({ owner, slug });
      if (known) return tapeOf(known);
      try {
        const document = opened(asked, at);
        const { insertedId } = await collection.insertOne(document);
        return tapeOf({ ...document, _id: insertedId });
      } catch (error) {
        // Another request has just made it.
        if (error.code !== DUPLICATE_KEY) throw error;
        return tapeOf(await collection.findOne({ owner, slug }));
      }
    },

    async change(id, decide) {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const tape = await find(id);
        const { said, patch } = decide(tape);
        if (!patch) return { said, tape };
        const changes = { ...patch, updatedAt: now(), version: tape.version + 1 };
        const filter = { ...keyOf(id), version: tape.version };
        const { matchedCount } = await collection.updateOne(filter, { $set: changes });
        if (matchedCount === 1) return { said, tape: { ...tape, ...changes } };
      }
      throw new Outage("the tape is being changed by too many");
    },

    async pending(limit) {
      const found = collection.find({ state: PENDING }).sort({ updatedAt: 1 }).limit(limit);
      return (await found.toArray()).map(tapeOf);
    },
  };
};
