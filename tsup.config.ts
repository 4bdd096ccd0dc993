import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineConfig, type Options } from "tsup";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];
type TsupPlugin = NonNullable<Options["plugins"]>[number];
type JsonObject = Record<string, unknown>;

const libraries = {
  index: "src/index.ts",
  sandbox: "src/sandbox/index.ts",
  node: "src/node/index.ts",
  mcp: "src/mcp/index.ts",
};

const shared: Options = {
  platform: "neutral",
  target: "es2022",
  dts: { entry: libraries },
  // What entries share becomes one file, so that each format has one copy of each error class. In CommonJS only
  // Rollup's pass (`treeshake`) can do that without lowering the syntax.
  splitting: true,
  // Chunks have no effects of their own: one that gives nothing is not loaded.
  treeshake: { moduleSideEffects: "no-external" },
  // Deno and workers know Node's modules by `node:` alone.
  removeNodeProtocol: false,
  // Nothing is minified, so that a stack trace points into code that can be read as it is.
  sourcemap: false,
};

/** What tsup must not decide by name alone: see {@link zodOfTheSdk} and {@link nodeModules}. */
const decidedByPlugins = [/^zod(\/|$)/, /^node:/];

export default defineConfig(async () => {
  // Not `clean`: of two configurations, each would delete what the other has written.
  await rm("dist", { recursive: true, force: true });
  await mkdir("dist");
  return [
    {
      ...shared,
      entry: { ...libraries, command: "src/mcp/command/main.ts" },
      format: "esm",
      noExternal: decidedByPlugins,
      esbuildPlugins: [...mcpPlugins, withoutResponses, licensesOfBundled("dist/licenses.esm.txt")],
    },
    {
      ...shared,
      entry: libraries,
      format: "cjs",
      // The first three are ES modules only, which not every Node 20 can require; the last one's default import is
      // an object in CommonJS, with the function inside.
      noExternal: [...decidedByPlugins, "p-retry", "is-network-error", "oauth4webapi", "openapi-fetch"],
      esbuildPlugins: [...mcpPlugins, withoutResponses, licensesOfBundled("dist/licenses.cjs.txt")],
      plugins: [requireLazily],
    },
  ];
});

/** Loads by `require` what is loaded lazily: inside CommonJS, Jest and older bundlers know no `import()`. */
const requireLazily: TsupPlugin = {
  name: "require-lazily",
  async buildEnd({ writtenFiles }) {
    for (const { name } of writtenFiles) {
      const code = await readFile(name, "utf8");
      const required = code.replaceAll(
        /\bimport\(('\.[^']+')\)/g,
        "Promise.resolve().then(() => require($1))",
      );
      if (required !== code) await writeFile(name, required);
    }
  },
};

/**
 * Bundles the zod that the MCP SDK is written for, and nobody else's: our own is the user's, as a peer, and may be
 * of another version.
 */
const zodOfTheSdk: EsbuildPlugin = {
  name: "zod-of-the-sdk",
  setup(build) {
    build.onResolve({ filter: /^zod(\/|$)/ }, ({ path, importer }) =>
      /node_modules[\\/]@modelcontextprotocol[\\/]/.test(importer) ? undefined : { path, external: true },
    );
  },
};

/** Takes the SDK's validator of JSON Schema that compiles no code, which workers forbid, on every runtime. */
const interpretedSchemas: EsbuildPlugin = {
  name: "interpreted-schemas",
  setup(build) {
    build.onResolve({ filter: /^@modelcontextprotocol\/server\/_shims$/ }, ({ importer }) => ({
      path: join(dirname(importer), "shimsBrowser.mjs"),
    }));
  },
};

/** Leaves Node's modules to Node. What bundled CommonJS requires is imported, for an ES module has no `require`. */
const nodeModules: EsbuildPlugin = {
  name: "node-modules",
  setup(build) {
    const required = "required-node-module";
    const imported = "imported-node-module";
    build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "require-call" ? { path, namespace: required } : { path, external: true },
    );
    build.onResolve({ filter: /./, namespace: required }, ({ path }) => ({ path, namespace: imported }));
    build.onLoad({ filter: /./, namespace: required }, ({ path }) => ({
      contents: `module.exports = require("imported:${path}").default;`,
    }));
    build.onLoad({ filter: /./, namespace: imported }, ({ path }) => ({
      contents: `export { default } from "${path.replace("imported:", "")}";`,
    }));
  },
};

const mcpPlugins = [zodOfTheSdk, interpretedSchemas, nodeModules];

/** Ships the OpenAPI documents without their responses: half of their weight, and only the types need them. */
const withoutResponses: EsbuildPlugin = {
  name: "openapi-without-responses",
  setup(build) {
    build.onLoad({ filter: /[\\/]openapi\.json$/ }, async ({ path }) => {
      const document = JSON.parse(await readFile(path, "utf8")) as JsonObject;
      return { contents: JSON.stringify(requestSideOf(document)), loader: "json" };
    });
  },
};

/** What descriptors and requests are made of: the operations' requests, and the components that they refer to. */
function requestSideOf({ openapi, paths, components }: JsonObject): JsonObject {
  const kept: JsonObject = { openapi, paths: withoutKeys(paths, ["responses", "example", "examples"]) };
  const pending: unknown[] = [kept];
  const keptComponents: Record<string, JsonObject> = {};
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    for (const [, kind, name] of JSON.stringify(part).matchAll(/"#\/components\/(\w+)\/([\w.-]+)"/g)) {
      if (kind === undefined || name === undefined || keptComponents[kind]?.[name] !== undefined) continue;
      const component = (components as Record<string, JsonObject>)[kind]?.[name];
      const slim = withoutKeys(component, ["example", "examples"]);
      (keptComponents[kind] ??= {})[name] = slim;
      pending.push(slim);
    }
  }
  return { ...kept, components: keptComponents };
}

function withoutKeys(value: unknown, keys: readonly string[]): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner: unknown) => (keys.includes(key) ? undefined : inner)));
}

/** Writes the licences of the packages that the bundle contains, whose copies their licences ask for. */
function licensesOfBundled(file: string): EsbuildPlugin {
  return {
    name: "licenses-of-bundled",
    setup(build) {
      build.onEnd(async ({ metafile }) => {
        const folders = Object.values(metafile?.outputs ?? {})
          .flatMap(({ inputs }) => Object.entries(inputs))
          .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
          .flatMap(([input]) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? []);
        const texts = await Promise.all([...new Set(folders)].sort().map(licenseOf));
        await writeFile(file, texts.join(`\n${"-".repeat(80)}\n\n`));
      });
    },
  };
}

async function licenseOf(folder: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as JsonObject;
  const license = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  if (license === undefined) throw new Error(`"${folder}" has no licence file and must not be bundled.`);
  return `${String(name)} ${String(version)}\n\n${(await readFile(join(folder, license), "utf8")).trim()}\n`;
}
