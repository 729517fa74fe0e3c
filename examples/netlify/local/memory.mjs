// Tapes in this process' memory: for tests, and to try all of it without a database.

import { randomUUID } from "node:crypto";

import { PENDING, opened } from "../lib/tapes.mjs";

export const makeTapesInMemory = ({ now = Date.now } = {}) => {
  const kept = new Map();
  const copy = (tape) => (tape ? structuredClone(tape) : null);
  return {
    async open(asked, at) {
      const { owner, slug } = asked;
      const known = [...kept.values()].find((tape) => tape.owner === owner && tape.slug === slug);
      const tape = known ?? { id: randomUUID().replaceAll("-", "").slice(8), ...opened(asked, at) };
      kept.set(tape.id, tape);
      return copy(tape);
    },

    async find(id) {
      return copy(kept.get(id));
    },

    async change(id, decide) {
      const tape = kept.get(id);
      const { said, patch } = decide(copy(tape));
      if (!patch) return { said, tape: copy(tape) };
      const changed = { ...tape, ...structuredClone(patch), updatedAt: now(), version: tape.version + 1 };
      kept.set(id, changed);
      return { said, tape: copy(changed) };
    },

    async pending(limit) {
      const waiting = [...kept.values()].filter((tape) => tape.state === PENDING);
      return waiting
        .sort((one, other) => one.updatedAt - other.updatedAt)
        .slice(0, limit)
        .map(copy);
    },
  };
};
