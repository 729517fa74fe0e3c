// The main app's side of a conversion: posts a tape to the service, and takes its callback.
//
//   node convert.mjs BODY      BODY: the request as JSON, without its callbackUrl
//
// MP4_SERVICE_URL, MP4_SERVICE_TOKEN and CALLBACK_AUTH_TOKEN stand in the environment.
// Prints one JSON document: the service's answer and, where that is a 202, the callback and what was made of it.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const { MP4_SERVICE_URL, MP4_SERVICE_TOKEN, CALLBACK_AUTH_TOKEN } = process.env;

// Receivers copy the document's own lines, so these are what is run here.
const document = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
const lines = document.match(/```js\n((?:(?!```).)*const verify.*?)```/s)[1].replace(/^const key = .*$/m, 'const key = process.env.CALLBACK_AUTH_TOKEN;');
const { verify } = await import(`data:text/javascript,${encodeURIComponent(`${lines}export { verify };`)}`);

let taken;
const callback = new Promise((resolve) => (taken = resolve));
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const isOurs = request.headers.authorization === `Bearer ${CALLBACK_AUTH_TOKEN}`;
  const isSigned = isOurs && verify(body, request.headers);
  // A body that somebody has changed must not pass for ours.
  const isForgeable = isSigned && verify(`${body} `, request.headers);
  const { method, url, headers } = request;
  response.writeHead(isSigned ? 200 : 401).end(() => taken({ isOurs, isSigned, isForgeable, method, url, headers, body }));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const answer = await fetch(`${MP4_SERVICE_URL}/convert`, {
  method: "POST",
  headers: { "Content-Type": "application/json", Authorization: `Bearer ${MP4_SERVICE_TOKEN}` },
  body: JSON.stringify({
    ...JSON.parse(process.argv[2]),
    callbackUrl: `http://127.0.0.1:${server.address().port}/.netlify/functions/tape-mp4-complete`,
  }),
});
const said = { status: answer.status, answer: await answer.json() };
if (answer.status === 202) {
  said.callback = await callback;
  const { mp4Url } = JSON.parse(said.callback.body);
  if (mp4Url) {
    const video = await fetch(mp4Url);
    const bytes = Buffer.from(await video.arrayBuffer());
    said.video = { status: video.status, type: video.headers.get("content-type"), bytes: bytes.toString("base64") };
  }
}
console.log(JSON.stringify(said));
server.close();
server.closeAllConnections();
