// A stand-in for a collection of MongoDB's driver: what `lib/mongo.mjs` uses of it, and no more.

import { randomBytes } from "node:crypto";

export class ObjectId {
  constructor(hex = randomBytes(12).toString("hex")) {
    this.hex = hex;
  }
  static createFromHexString(hex) {
    return new ObjectId(hex);
  }
  toHexString() {
    return this.hex;
  }
}

const isEqual = (one, other) => one === other || (one instanceof ObjectId && one.hex === other?.hex);
const fits = (filter) => (document) =>
  Object.entries(filter).every(([name, value]) => isEqual(document[name], value));
const copy = ({ _id, ...rest }) => ({ _id, ...structuredClone(rest) });
// Others' requests come between two of ours, as with a server.
const turn = () => new Promise(setImmediate);

/** Make an empty one, with a unique index on owner and slug. */
export const makeCollection = () => {
  const documents = [];
  return {
    documents,
    async findOne(filter) {
      await turn();
      const found = documents.find(fits(filter));
      return found ? copy(found) : null;
    },
    async insertOne(document) {
      await turn();
      const { owner, slug } = document;
      if (documents.some(fits({ owner, slug })))
        throw Object.assign(new Error("E11000 duplicate key"), { code: 11000 });
      document._id ??= new ObjectId();
      documents.push(copy(document));
      return { insertedId: document._id };
    },
    async updateOne(filter, { $set }) {
      await turn();
      const found = documents.find(fits(filter));
      if (found) Object.assign(found, structuredClone($set));
      return { matchedCount: found ? 1 : 0 };
    },
    find(filter) {
      let found = documents.filter(fits(filter)).map(copy);
      const cursor = {
        sort(order) {
          const [[name, way]] = Object.entries(order);
          found.sort((one, other) => way * (one[name] - other[name]));
          return cursor;
        },
        limit(count) {
          found = found.slice(0, count);
          return cursor;
        },
        async toArray() {
          await turn();
          return found;
        },
      };
      return cursor;
    },
  };
};
