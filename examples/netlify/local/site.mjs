// A whole site on this machine: the functions as they are, a database in memory, a stand-in for the PDS.

import { COLLECTION } from "../lib/configuration.mjs";
import { makeDownload } from "../lib/download.mjs";
import { log as writeLog } from "../lib/log.mjs";
import { makeOven } from "../lib/oven.mjs";
import { makePds } from "../lib/pds.mjs";
import { makeHandler as makePostPending } from "../netlify/functions/post-pending.mjs";
import { makeHandler as makeReceiver, config as receiver } from "../netlify/functions/tape-bake-complete.mjs";
import { makeHandler as makeTrackMedia, config as tracker } from "../netlify/functions/track-media.mjs";
import { makeTapesInMemory } from "./memory.mjs";
import { startPds } from "./pds.mjs";
import { routed, serve } from "./server.mjs";

const ACCOUNT = { identifier: "tapes.example", password: "abcd-efgh-ijkl-mnop" };

/**
 * Start it; all that is given goes to the functions.
 *
 * @param {object} options  ovenUrl, secret; port; files: what is served besides, by path; others by name
 */
export const startSite = async ({ ovenUrl, secret, port, files = {}, log = writeLog, ...others }) => {
  const tapes = makeTapesInMemory();
  const pds = await startPds(ACCOUNT);
  const routes = {};
  const site = await serve(routed(routes), { port });
  const parts = {
    tapes,
    pds: makePds({ url: pds.base, ...ACCOUNT }),
    oven: makeOven({ url: ovenUrl }),
    download: makeDownload({ hosts: [new URL(ovenUrl).origin] }),
    callbackUrl: site.base + receiver.path,
    collection: COLLECTION,
    secret,
    log,
    ...others,
  };
  routes[tracker.path] = makeTrackMedia(parts);
  routes[receiver.path] = makeReceiver(parts);
  for (const [path, bytes] of Object.entries(files)) routes[path] = () => new Response(bytes);
  return {
    base: site.base,
    parts,
    routes,
    pds,
    tapes,
    postPending: makePostPending(parts),
    close: () => Promise.all([site.close(), pds.close()]),
  };
};
