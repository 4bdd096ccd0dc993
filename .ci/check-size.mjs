/**
 * Fails when the core entry's own code is larger than its limit, minified and gzipped; dependencies and peers
 * aside. Its own code is what `import "langchain-1password"` loads; what is loaded when it is first used, such as a
 * source, is shown apart. It measures what is shipped, so build first.
 *
 * `node .ci/check-size.mjs --modules` adds the weight of each source file, heaviest first.
 */
import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const limit = 20_000;

const { outputs, sizes } = await bundle("dist/index.js");
const loaded = loadedWith("dist/index.js");
const later = Object.keys(outputs).filter((file) => !loaded.has(file));
const total = [...loaded].reduce((sum, file) => sum + (sizes.get(file)?.gzipped ?? 0), 0);

console.log(`Core entry: ${total} B minified and gzipped; the limit is ${limit} B.`);
for (const file of loaded) console.log(described(file, "with it"));
for (const file of later) console.log(described(file, "when first used"));
if (process.argv.includes("--modules")) await describeModules();
if (total > limit) {
  console.error(
    `It is ${total - limit} B too large. See what weighs most: node .ci/check-size.mjs --modules`,
  );
  process.exitCode = 1;
}

/**
 * The file of an entry, and those that it imports without waiting to be asked.
 *
 * @param {string} entry
 */
function loadedWith(entry) {
  const first = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === entry);
  const files = new Set(first === undefined ? [] : [first]);
  for (const file of files) {
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) files.add(path);
    }
  }
  return files;
}

/**
 * @param {string} file
 * @param {string} when
 */
function described(file, when) {
  const { gzipped = 0, minified = 0 } = sizes.get(file) ?? {};
  return `  ${file}, loaded ${when}: ${gzipped} B gzipped, ${minified} B minified`;
}

async function describeModules() {
  const source = await bundle("src/index.ts");
  for (const [file, { inputs }] of Object.entries(source.outputs)) {
    const weights = Object.entries(inputs).sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
    console.log(`${file}, of the sources:`);
    for (const [input, weight] of weights) {
      console.log(`${String(weight.bytesInOutput).padStart(9)} B minified  ${input}`);
    }
  }
}

/** @param {string} entry */
async function bundle(entry) {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    outdir: ".",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    packages: "external",
    legalComments: "none",
    write: false,
    metafile: true,
  });
  return {
    outputs: metafile.outputs,
    sizes: new Map(
      outputFiles.map(({ path, contents }) => [
        relative(".", path),
        { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length },
      ]),
    ),
  };
}
