// Functions on a server of this machine's own, in Netlify's place.

import { once } from "node:events";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Listen on loopback → {base, close}; `answer(request)` takes a Request, and gives a Response or breaks off. */
export const serve = async (answer, { port = 0 } = {}) => {
  const underWay = new Set();

  const respond = async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method, url, headers } = incoming;
    const body = method === "GET" || method === "HEAD" ? undefined : Buffer.concat(chunks);
    const response = await answer(
      new Request(new URL(url, `http://${headers.host}`), { method, headers, body }),
    );
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    await pipeline(response.body ? Readable.fromWeb(response.body) : [], outgoing);
  };

  const server = createServer((incoming, outgoing) => {
    // Who has hung up is waited for no longer.
    const answered = Promise.race([respond(incoming, outgoing), once(outgoing, "close")]).catch(() =>
      outgoing.destroy(),
    );
    underWay.add(answered);
    answered.then(() => underWay.delete(answered));
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    /** Let what is under way be answered, then close. */
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.all(underWay);
      server.closeAllConnections();
      await closed;
    },
  };
};

/** Answer by path: each of `routes` is a function. */
export const routed = (routes) => async (request) =>
  (await routes[new URL(request.url).pathname]?.(request)) ?? new Response("not found", { status: 404 });
