// Watches a job as a browser's EventSource does: comes back whenever the stream ends, until it is told 204.
//
//   node watch.mjs URL [cut]      cut: hang up once, at the first event of a job that is under way
//
// Prints each event as a line of JSON: its id and its data.

const [url, cut] = process.argv.slice(2);
const state = { last: "", cut: cut === "cut" };

const read = async (body, hangUp) => {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s)));
      if (!fields.data) continue;
      state.last = fields.id;
      const data = JSON.parse(fields.data);
      console.log(JSON.stringify({ id: fields.id, data }));
      if (state.cut && data.progress > 0) {
        state.cut = false;
        return hangUp();
      }
    }
  }
};

for (;;) {
  const hanger = new AbortController();
  const headers = state.last ? { "Last-Event-ID": state.last } : {};
  try {
    const answer = await fetch(url, { headers, signal: hanger.signal });
    if (answer.status === 204) break;
    if (answer.ok) await read(answer.body, () => hanger.abort());
  } catch {
    // Cut off, or nobody there: a browser comes back.
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
