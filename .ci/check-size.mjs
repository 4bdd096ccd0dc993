/**
 * Fails when the core entry's own code is larger than its limit, minified and gzipped; dependencies and peers
 * aside. It measures what is shipped, `dist/index.js` and all that it reaches, so build first.
 *
 * `node .ci/check-size.mjs --modules` adds the weight of each source file, heaviest first.
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const limit = 20_000;

const { bytes } = await bundle("dist/index.js");
const gzipped = gzipSync(bytes, { level: 9 }).length;
console.log(`Core entry: ${gzipped} B gzipped, ${bytes.length} B minified; the limit is ${limit} B gzipped.`);

if (process.argv.includes("--modules")) {
  const { inputs } = await bundle("src/index.ts");
  for (const [file, weight] of inputs) console.log(`${String(weight).padStart(7)} B minified  ${file}`);
}
if (gzipped > limit) {
  console.error(
    `The core entry is ${gzipped - limit} B too large. See which files weigh most: node .ci/check-size.mjs --modules`,
  );
  process.exitCode = 1;
}

/** @param {string} entry */
async function bundle(entry) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    packages: "external",
    legalComments: "none",
    write: false,
    metafile: true,
  });
  const weights = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return {
    bytes: outputFiles[0]?.contents ?? new Uint8Array(),
    inputs: weights
      .map(([file, { bytesInOutput }]) => /** @type {const} */ ([file, bytesInOutput]))
      .sort(([, a], [, b]) => b - a),
  };
}
