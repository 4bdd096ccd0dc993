/**
 * Fails when the core entry's own code is larger than its limit, minified and gzipped; dependencies and peers
 * aside. Its own code is what `import "langchain-1password"` loads, and has a limit; so has that code with all guards,
 * which are loaded with the first call. What else is loaded when it is first used, such as a source, is shown but not
 * counted. It measures what is shipped, so build first.
 *
 * `node .ci/check-size.mjs --modules` adds the weight of each source file, heaviest first.
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const limit = 20_000;
const limitWithGuards = 30_000;

/**
 * @param {RegExp} taken - what is loaded later and counted all the same
 * @returns {import("esbuild").Plugin}
 */
const leaveForLater = (taken) => ({
  name: "leave-for-later",
  setup(context) {
    context.onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === "dynamic-import" && !taken.test(path) ? { path, external: true } : undefined,
    );
  },
});

const nothing = /^$/;
const entry = await bundle("dist/index.js", nothing);
const guarded = await bundle("dist/index.js", /\/guards[-.]/);
const everything = await bundle("dist/index.js", /./);
console.log(
  `Core entry: ${entry.gzipped} B gzipped, ${entry.minified} B minified; the limit is ${limit} B gzipped.`,
);
console.log(
  `With all guards: ${guarded.gzipped} B gzipped, ${guarded.minified} B minified; the limit is ${limitWithGuards} B gzipped.`,
);
console.log(
  `With all that it loads later: ${everything.gzipped} B gzipped, ${everything.minified} B minified.`,
);
if (process.argv.includes("--modules")) {
  const { weights } = await bundle("src/index.ts", /\/guards[-.]/);
  for (const [file, weight] of weights) console.log(`${String(weight).padStart(7)} B minified  ${file}`);
}
const excess = Math.max(entry.gzipped - limit, guarded.gzipped - limitWithGuards);
if (excess > 0) {
  console.error(`It is ${excess} B too large. See what weighs most: node .ci/check-size.mjs --modules`);
  process.exitCode = 1;
}
if (guarded.gzipped === entry.gzipped) {
  console.error("The guards were not found among what is loaded later, and were not measured.");
  process.exitCode = 1;
}

/**
 * @param {string} path
 * @param {RegExp} taken - see leaveForLater
 */
async function bundle(path, taken) {
  const { outputFiles, metafile } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    packages: "external",
    legalComments: "none",
    plugins: [leaveForLater(taken)],
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
