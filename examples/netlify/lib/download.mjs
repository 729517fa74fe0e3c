// Files that Oven has made, from the hosts that the site accepts.

import { readUpTo } from "./body.mjs";
import { Outage, Refusal, reasonOf } from "./errors.mjs";

/**
 * Make a downloader.
 *
 * @param {string[]} hosts  names, which are asked by https; or whole origins such as http://127.0.0.1:3000
 */
export const makeDownload = ({ hosts }) => {
  const isAccepted = (url) =>
    !url.username &&
    !url.password &&
    // A blob: has the origin of the page that made it.
    url.protocol.startsWith("http") &&
    (hosts.includes(url.origin) || (url.protocol === "https:" && hosts.includes(url.host)));

  /** See that a file's address is one that the site accepts → the address. Throws a Refusal. */
  const check = (address, name) => {
    let url;
    try {
      url = new URL(address);
    } catch {
      throw new Refusal(`${name} is no address`);
    }
    if (!isAccepted(url)) throw new Refusal(`${name} is not on a host that this site accepts (MP4_HOSTS)`);
    return url.href;
  };

  /**
   * Bring a file → a Buffer.
   *
   * @param {string} address
   * @param {{name: string, type: string, limit: number, size?: number, signal: AbortSignal}} wanted
   *   what to call it, its content type, how many bytes it may have, how many it must have, until when
   * @throws {Refusal} it may not be had, or is too large
   * @throws {Outage} it could not be had now
   */
  const fetchFile = async (address, { name, type, limit, size, signal }) => {
    const url = check(address, name);
    const tooLarge = new Refusal(`the file of ${name} has more than the ${limit} bytes that are taken`);
    if (size > limit) throw tooLarge;
    let bytes;
    try {
      // A redirect would lead to a host that nobody has accepted.
      const response = await fetch(url, { redirect: "error", signal });
      const found = (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
      const length = Number(response.headers.get("content-length") ?? 0);
      if (!response.ok || found !== type || length > limit) await response.body?.cancel();
      if (!response.ok) throw new Outage(`the host of ${name} answered ${response.status}`);
      if (found !== type) throw new Outage(`the file of ${name} is not ${type}`);
      if (length > limit) throw tooLarge;
      bytes = await readUpTo(response.body, limit);
    } catch (error) {
      if (error instanceof Refusal || error instanceof Outage) throw error;
      throw new Outage(`the file of ${name} could not be had: ${reasonOf(error)}`, { cause: error });
    }
    if (bytes === null) throw tooLarge;
    if (bytes.length === 0 || (size !== undefined && bytes.length !== size))
      throw new Outage(
        `the file of ${name} has ${bytes.length} bytes, not the ${size ?? "many"} that were told`,
      );
    return bytes;
  };

  return { check, fetchFile };
};
