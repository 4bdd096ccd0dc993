/**
 * Fails when what an import costs is larger than its limit, minified and gzipped: the code that the import loads at
 * once, dependencies included, peers not. What is loaded when it is first used, such as a source or the guards, is
 * shown and not counted. It measures what is shipped, so build first.
 *
 * `node .ci/check-size.mjs --modules` adds the weight of each source file of the whole entry, heaviest first.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What is imported, and its limit in bytes. */
const imports = [
  { names: ["ToolManager", "usersApi"], limit: 12_000 },
  { names: ["withBackoff"], limit: 9_000 },
  { names: ["*"], limit: 33_000 },
];

const root = fileURLToPath(new URL("..", import.meta.url));
const peers = (await peerNames()).flatMap((name) => [name, `${name}/*`]);

/** @type {import("esbuild").Plugin} */
const leaveForLater = {
  name: "leave-for-later",
  setup(context) {
    context.onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

for (const { names, limit } of imports) {
  const { minified, gzipped } = await bundle(names, "./dist/index.js", [leaveForLater]);
  console.log(
    `import { ${names.join(", ")} }: ${gzipped} B gzipped, ${minified} B minified; the limit is ${limit} B gzipped.`,
  );
  if (gzipped <= limit) continue;
  console.error(
    `It is ${gzipped - limit} B too large. See what weighs most: node .ci/check-size.mjs --modules`,
  );
  process.exitCode = 1;
}
const everything = await bundle(["*"], "./dist/index.js", []);
console.log(
  `With all that it loads later: ${everything.gzipped} B gzipped, ${everything.minified} B minified.`,
);
if (process.argv.includes("--modules")) {
  const { weights } = await bundle(["*"], "./src/index.ts", [leaveForLater]);
  for (const [file, weight] of weights) console.log(`${String(weight).padStart(7)} B minified  ${file}`);
}

/**
 * @param {readonly string[]} names
 * @param {string} path
 * @param {import("esbuild").Plugin[]} plugins
 */
async function bundle(names, path, plugins) {
  const contents = names.includes("*")
    ? `import * as all from "${path}"; console.log(all);`
    : `import { ${names.join(", ")} } from "${path}"; console.log(${names.join(", ")});`;
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import"],
    target: "es2022",
    external: [...peers, "node:*"],
    legalComments: "none",
    plugins,
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const [output] = Object.values(metafile.outputs);
  return {
    minified: code.length,
    gzipped: gzipSync(code, { level: 9 }).length,
    weights: Object.entries(output?.inputs ?? {})
      .map(([file, { bytesInOutput }]) => /** @type {const} */ ([file, bytesInOutput]))
      .sort(([, a], [, b]) => b - a),
  };
}

/** @returns {Promise<string[]>} */
async function peerNames() {
  /** @type {unknown} */
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return Object.keys(/** @type {{ peerDependencies: object }} */ (manifest).peerDependencies);
}
