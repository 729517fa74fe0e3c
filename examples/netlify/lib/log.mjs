// One line of JSON for each event.

const MAX_CHARS = 300;

// All but printable ASCII is escaped: what strangers send moves no cursor and begins no line.
const escaped = (text) =>
  text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

const shortened = (_, value) =>
  typeof value === "string" && value.length > MAX_CHARS ? `${value.slice(0, MAX_CHARS)}…` : value;

/** Write down what happened, with what belongs to it; never a secret. */
export const log = (event, fields = {}) =>
  console.log(escaped(JSON.stringify({ event, ...fields }, shortened)));
