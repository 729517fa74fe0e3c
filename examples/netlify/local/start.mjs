// Tries all of it on this machine:
//
//   OVEN_URL=http://127.0.0.1:3000 CALLBACK_SECRET=… node local/start.mjs TAPE.zip
//
// Posts the tape, and says what became of it.

import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { BAKED, BAKING, PENDING } from "../lib/tapes.mjs";
import { startSite } from "./site.mjs";

const [file] = process.argv.slice(2);
const { OVEN_URL, CALLBACK_SECRET } = process.env;
if (!file || !OVEN_URL || !CALLBACK_SECRET) {
  console.error("usage: OVEN_URL=… CALLBACK_SECRET=… node local/start.mjs TAPE.zip");
  process.exit(2);
}
const files = { "/tape.zip": await readFile(file) };
const site = await startSite({ ovenUrl: OVEN_URL, secret: CALLBACK_SECRET, files });
const answer = await fetch(`${site.base}/api/track-media`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ slug: `local-${Date.now()}`, zipUrl: `${site.base}/tape.zip` }),
});
const { id } = await answer.json();
let tape = await site.tapes.find(id);
while (tape.state === BAKING || tape.state === BAKED) {
  await sleep(200);
  tape = await site.tapes.find(id);
}
const { state, why, mp4Url, thumbnailUrl, uri } = tape;
console.log(JSON.stringify({ state, why, mp4Url, thumbnailUrl, uri }, null, 2));
if (state === PENDING) console.error("Oven could not be asked; is OVEN_URL right?");
await site.close();
