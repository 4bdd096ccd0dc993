/**
 * Fails when the core entry, or a dependency that it reaches, imports a module of Node: it has to run in a
 * worker. LangChain and zod are peers and bring their own.
 */
import { builtinModules } from "node:module";
import { relative } from "node:path";
import { build } from "esbuild";

const entry = process.argv[2] ?? "src/index.ts";
const builtins = new Set(builtinModules);
/** @type {string[]} */
const offences = [];

/** @type {import("esbuild").Plugin} */
const forbidNode = {
  name: "forbid-node",
  setup(context) {
    context.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
      if (!path.startsWith("node:") && !builtins.has(path)) return undefined;
      offences.push(`"${relative(".", importer)}" imports "${path}".`);
      return { path, external: true };
    });
  },
};

const { metafile } = await build({
  entryPoints: [entry],
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["browser", "module", "main"],
  conditions: ["workerd", "worker", "browser"],
  external: ["@langchain/*", "zod"],
  plugins: [forbidNode],
  logLevel: "error",
});

for (const offence of offences) console.error(`${offence} The core entry uses Web APIs only.`);
if (offences.length > 0) process.exitCode = 1;
else {
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap(
      (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
    ),
  );
  console.log(`The core entry bundles for a worker, with ${[...packages].sort().join(", ")}.`);
}
