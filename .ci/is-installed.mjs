/** Exits with 0 when `node_modules` holds what the lock file names, and with 1 when it does not. */
import { readFileSync } from "node:fs";

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages */

const wanted = packagesIn("package-lock.json");
const installed = packagesIn("node_modules/.package-lock.json");
const isStale = Object.entries(wanted).some(([path, { version, optional }]) => {
  if (path === "") return false;
  // Optional packages are often those of other platforms.
  return installed[path] === undefined ? !optional : installed[path].version !== version;
});
process.exitCode = isStale ? 1 : 0;

/**
 * @param {string} file
 * @returns {Packages}
 */
function packagesIn(file) {
  try {
    /** @type {unknown} */
    const lock = JSON.parse(readFileSync(file, "utf8"));
    return /** @type {{ packages: Packages }} */ (lock).packages;
  } catch {
    return {};
  }
}
