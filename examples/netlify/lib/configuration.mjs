// The environment: what each function reads, and what of it is missing.

const DATABASE = ["MONGODB_CONNECTION_STRING", "MONGODB_NAME"];

/** What posts tapes. */
export const POSTING = ["OVEN_URL", "CALLBACK_SECRET", "CALLBACK_URL", ...DATABASE];

/** What takes callbacks. */
export const RECEIVING = [
  "OVEN_URL",
  "CALLBACK_SECRET",
  "MP4_HOSTS",
  "ATPROTO_PDS",
  "ATPROTO_IDENTIFIER",
  "ATPROTO_PASSWORD",
  ...DATABASE,
];

/** Where tapes' records stand at the PDS, unless ATPROTO_COLLECTION says otherwise. */
export const COLLECTION = "computer.aesthetic.tape";

/** Where Oven calls back, below the site's own address. */
export const CALLBACK_PATH = "/api/tape-bake-complete";

/**
 * Read variables; an empty one counts as not set.
 *
 * @param {string[]} names  what is needed
 * @returns {{values: Record<string, string>, missing: string[]}}
 */
export const readConfiguration = (names, environment) => {
  const values = { ATPROTO_COLLECTION: environment.ATPROTO_COLLECTION || COLLECTION };
  // Netlify itself sets URL to the site's main address.
  const callback = environment.URL && new URL(CALLBACK_PATH, environment.URL).href;
  for (const name of names) values[name] = environment[name] || (name === "CALLBACK_URL" && callback) || "";
  return { values, missing: names.filter((name) => !values[name]) };
};

/** Part a list by commas or spaces. */
export const listed = (text) => text.split(/[\s,]+/).filter(Boolean);
