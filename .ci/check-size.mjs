/**
 * Fails when the core entry's own code is larger than its limit, minified and gzipped; dependencies and peers
 * aside. Its own code is what `import "langchain-1password"` loads; what is loaded when it is first used, such as a
 * source, is shown but not counted. It measures what is shipped, so build first.
 *
 * `node .ci/check-size.mjs --modules` adds the weight of each source file, heaviest first.
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const limit = 20_000;

/** @type {import("esbuild").Plugin} */
const leaveForLater = {
  name: "leave-for-later",
  setup(context) {
    context.onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

const entry = await bundle("dist/index.js", { withLater: false });
const everything = await bundle("dist/index.js", { withLater: true });
console.log(
  `Core entry: ${entry.gzipped} B gzipped, ${entry.minified} B minified; the limit is ${limit} B gzipped.`,
);
console.log(
  `With all that it loads later: ${everything.gzipped} B gzipped, ${everything.minified} B minified.`,
);
if (process.argv.includes("--modules")) {
  const { weights } = await bundle("src/index.ts", { withLater: false });
  for (const [file, weight] of weights) console.log(`${String(weight).padStart(7)} B minified  ${file}`);
}
if (entry.gzipped > limit) {
  const excess = entry.gzipped - limit;
  console.error(`It is ${excess} B too large. See what weighs most: node .ci/check-size.mjs --modules`);
  process.exitCode = 1;
}

/**
 * @param {string} path
 * @param {{ withLater: boolean }} options
 */
async function bundle(path, { withLater }) {
  const { outputFiles, metafile } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    packages: "external",
    legalComments: "none",
    plugins: withLater ? [] : [leaveForLater],
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  const [output] = Object.values(metafile.outputs);
  return {
    minified: contents.length,
    gzipped: gzipSync(contents, { level: 9 }).length,
    weights: Object.entries(output?.inputs ?? {})
      .map(([file, { bytesInOutput }]) => /** @type {const} */ ([file, bytesInOutput]))
      .sort(([, a], [, b]) => b - a),
  };
}
