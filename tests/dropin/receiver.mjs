// The site's receiver: takes a callback, works for a while, tells Oven of it, and answers when it is done.
//
//   node receiver.mjs OVEN SECRET ANSWERS      ANSWERS: the statuses to answer with, in order, then 200
//
// Prints its port first, then one line of JSON for each callback.

import { createServer } from "node:http";

const [oven, secret, answers] = process.argv.slice(2);
const statuses = answers.split(",").filter(Boolean).map(Number);

const tell = async (path, body) => {
  const answer = await fetch(`${oven}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  });
  if (!answer.ok || (await answer.json()).status !== "ok") throw new Error(`${path}: ${answer.status}`);
};

const download = async (url) => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.arrayBuffer()).byteLength;
};

const take = async (told) => {
  if (told.secret !== secret) return { status: 401 };
  const { mongoId, code, mp4Url, thumbnailUrl, error } = told;
  if (!mongoId || !code || !(mp4Url || error)) return { status: 400 };
  if (error) return { status: 200, error };
  await tell("/bake-status", { code, status: "syncing", details: "reading the record" });
  await tell("/bake-status", { code, status: "downloading" });
  const sizes = [await download(mp4Url), thumbnailUrl ? await download(thumbnailUrl) : 0];
  await tell("/bake-status", { code, status: "uploading-atproto" });
  // To upload takes its time, and the answer waits for it.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await tell("/bake-status", { code, status: "finalizing" });
  await tell("/bake-complete", { slug: told.slug, code, success: true, mp4Url, thumbnailUrl, atprotoRkey: "r" });
  return { status: statuses.shift() ?? 200, sizes };
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const taken = await take(JSON.parse(body)).catch((error) => ({ status: 500, failure: String(error) }));
  response.writeHead(taken.status).end();
  console.log(JSON.stringify({ ...taken, id: request.headers["webhook-id"], url: request.url, body }));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
