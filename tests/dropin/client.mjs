// The site's side of a bake: posts a tape as its serverless function does, and reads what its scripts read.
//
//   node client.mjs OVEN BODY      OVEN: the daemon's address; BODY: the request as JSON
//
// Prints one JSON document: the answer, and the tape's item once no bake is active any more.

const [oven, body] = process.argv.slice(2);
const asked = JSON.parse(body);

const answer = await fetch(`${oven}/bake`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body,
});
const said = await answer.json().catch(() => ({}));
if (!answer.ok) {
  console.log(JSON.stringify({ ok: false, status: answer.status, message: said.message ?? said.error }));
  process.exit(1);
}

const seen = new Set();
let item;
for (;;) {
  const status = await (await fetch(`${oven}/status`)).json();
  for (const active of status.active) if (active.code === asked.code) seen.add(active.status);
  item = status.recent.find((recent) => recent.code === asked.code);
  if (item && status.active.length === 0) break;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log(JSON.stringify({ ok: true, message: said.message, seen: [...seen], item }));
