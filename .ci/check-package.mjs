/**
 * Packs the package, installs it into empty folders beside the newest and the oldest peers, and uses it there:
 * by `import`, by `require` and by both at once, as a command, on Node 20, 22 and 24, and from TypeScript with every
 * check on.
 * It also counts what gets installed, and compares the shipped descriptors with those of the source. Needs a
 * build and npm's registry; leaves nothing behind.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { getDefaultEnvironment, StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { tsImport } from "tsx/esm/api";
import { startConfigurations } from "./start-configurations.mjs";

const nodeVersions = [20, 22, 24];
const mostPackages = 12;
const shippedFiles = /^(dist\/.+|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;

const execute = promisify(execFile);
const project = join(import.meta.dirname, "..");
const temporary = await mkdtemp(join(tmpdir(), "package-check-"));
try {
  const tarball = await pack();
  const nodes = await Promise.all(nodeVersions.map(nodeOf));
  const newest = await consumerOf("newest", tarball, {
    "@langchain/core": await installedVersion("@langchain/core"),
    zod: await installedVersion("zod"),
  });
  for (const node of nodes) await use(newest, node);
  await startConfigurations(newest);
  await compareDescriptors(newest);
  await compile(newest);

  const { "@langchain/core": core, zod } = (await manifestOf(project)).peerDependencies;
  const oldest = await consumerOf("oldest", tarball, { "@langchain/core": lowest(core), zod: lowest(zod) });
  assert(nodes[0]);
  await use(oldest, nodes[0]);
  await compile(oldest);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(temporary, { recursive: true, force: true });
}

/** The tarball's path, once its list of files has been judged. */
async function pack() {
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", temporary], { cwd: project });
  /** @type {unknown} */
  const listing = JSON.parse(stdout);
  const [{ filename, size, files }] =
    /** @type {[{ filename: string, size: number, files: { path: string }[] }]} */ (listing);
  const paths = files.map(({ path }) => path);
  assert.deepEqual(
    paths.filter((path) => !shippedFiles.test(path)),
    [],
    "These files do not belong into the package.",
  );
  for (const needed of [
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "dist/licenses.esm.txt",
    "dist/licenses.cjs.txt",
  ]) {
    assert(paths.includes(needed), `"${needed}" is missing from the package.`);
  }
  console.log(`${filename}: ${size} B, ${paths.length} files.`);
  return join(temporary, filename);
}

/**
 * A Node of a major version: the one that runs this, or else one from the registry, in a folder of its own
 * because it would shadow `node` beside other packages.
 *
 * @param {number} major
 */
async function nodeOf(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const folder = await emptyPackage(`node-${major}`);
  await install(folder, [`node@${major}`]);
  return join(folder, "node_modules/node/bin/node");
}

/**
 * A folder in which the package is installed beside its peers.
 *
 * @param {string} name
 * @param {string} tarball
 * @param {Record<string, string>} peers
 */
async function consumerOf(name, tarball, peers) {
  const folder = await emptyPackage(name);
  const wanted = Object.entries(peers).map(([peer, version]) => `${peer}@${version}`);
  await install(folder, wanted);
  const before = await packagesIn(folder);
  await install(folder, [tarball]);
  const added = [...(await packagesIn(folder))].filter((installed) => !before.has(installed));
  console.log(
    `Beside ${wanted.join(", ")} it installs ${added.length} packages: ${added.sort().join(", ")}.`,
  );
  assert(added.length <= mostPackages, `At most ${mostPackages} packages may be installed beside the peers.`);
  await cp(join(import.meta.dirname, "consumer"), folder, { recursive: true });
  return folder;
}

/**
 * @param {string} folder
 * @param {string} node
 */
async function use(folder, node) {
  const { stdout: version } = await run(node, ["--version"]);
  for (const script of ["by-import.mjs", "by-require.cjs", "across-formats.mjs"]) {
    const { stderr } = await run(node, [script], { cwd: folder, timeout: 60_000 });
    assert.equal(stderr, "", `${script} wrote to stderr on Node ${version}.`);
  }
  await serveOverStdio(folder, node);
  console.log(`Node ${version.trim()}: by import, by require, across both, and as an MCP server.`);
}

/**
 * The command as MCP clients start it, asked by one of them.
 *
 * @param {string} folder
 * @param {string} node
 */
async function serveOverStdio(folder, node) {
  const client = new Client({ name: "package-check", version: "1" });
  const transport = new StdioClientTransport({
    command: "npx",
    args: ["--no", "langchain-1password", "mcp", "--sandbox"],
    cwd: folder,
    env: { ...getDefaultEnvironment(), PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}` },
    stderr: "ignore",
  });
  try {
    await client.connect(transport);
    const answer = await client.callTool({
      name: "find_1_password_users",
      arguments: { email: "m.scott@example.com" },
    });
    assert.match(JSON.stringify(answer.content), /m\.scott@example\.com,Michael Scott,ACTIVE/);
  } finally {
    await client.close();
  }
}

/**
 * The build leaves out parts of the OpenAPI documents; what the tools are made of must not be among them.
 *
 * @param {string} folder
 */
async function compareDescriptors(folder) {
  const { stdout } = await run(process.execPath, ["print-descriptors.mjs"], { cwd: folder });
  /** @type {unknown} */
  const source = await tsImport("../src/index.ts", import.meta.url);
  const { ToolManager } = /** @type {typeof import("langchain-1password")} */ (source);
  const { descriptorsOf } = await import("./consumer/descriptors.mjs");
  assert.deepEqual(JSON.parse(stdout), JSON.parse(JSON.stringify(await descriptorsOf(ToolManager))));
  console.log("The packed tools are those of the source.");
}

/**
 * Compiles a consumer with every check on, the library's own declarations included. LangChain's declarations do
 * not pass all of them, so what is found in those is left out.
 *
 * @param {string} folder
 */
async function compile(folder) {
  const strict = {
    target: "ES2022",
    lib: ["ES2023", "DOM", "ESNext.Disposable"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const consumers = {
    "types.ts": { module: "ESNext", moduleResolution: "Bundler" },
    "types.mts": { module: "Node16", moduleResolution: "Node16" },
    "types.cts": { module: "Node16", moduleResolution: "Node16" },
  };
  for (const [file, options] of Object.entries(consumers)) {
    if (file !== "types.ts") await cp(join(folder, "types.ts"), join(folder, file));
    const config = { compilerOptions: { ...strict, ...options }, files: [file] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    const ours = (await complaints(folder)).filter(
      (line) => !/^node_modules\/(?!langchain-1password\/)/.test(line),
    );
    assert.deepEqual(ours, [], `"${file}" does not compile.`);
    console.log(`TypeScript compiles ${file} with moduleResolution ${options.moduleResolution}.`);
  }
}

/**
 * What the compiler says about a project, one string for each error.
 *
 * @param {string} folder
 */
async function complaints(folder) {
  const compiler = join(project, "node_modules/typescript/bin/tsc");
  try {
    await run(process.execPath, [compiler, "--project", "."], { cwd: folder });
    return [];
  } catch (error) {
    const { stdout } = /** @type {{ stdout: string }} */ (error);
    if (stdout === "") throw error;
    return stdout.trim().split(/\n(?=\S)/);
  }
}

/** @param {string} name */
async function emptyPackage(name) {
  const folder = join(temporary, name);
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true }));
  return folder;
}

/**
 * @param {string} folder
 * @param {string[]} packages
 */
async function install(folder, packages) {
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline"];
  await run("npm", ["install", ...quiet, ...packages], { cwd: folder });
}

/** @param {string} folder */
async function packagesIn(folder) {
  const { stdout } = await run("npm", ["ls", "--omit=dev", "--all", "--parseable"], { cwd: folder });
  return new Set(
    stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((path) => path.slice(folder.length + "/node_modules/".length)),
  );
}

/** @param {string} name */
async function installedVersion(name) {
  return (await manifestOf(join(project, "node_modules", name))).version;
}

/**
 * @param {string} folder
 * @returns {Promise<{ version: string, peerDependencies: { "@langchain/core": string, zod: string } }>}
 */
async function manifestOf(folder) {
  /** @type {unknown} */
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return /** @type {Awaited<ReturnType<typeof manifestOf>>} */ (manifest);
}

/**
 * The lowest version that a range such as `^3.25.76 || ^4.0.0` allows.
 *
 * @param {string} range
 */
function lowest(range) {
  const version = /\d+\.\d+\.\d+/.exec(range)?.[0];
  assert(version, `"${range}" names no version.`);
  return version;
}

/**
 * Runs a program; when it fails, what it wrote is the error.
 *
 * @param {string} program
 * @param {string[]} parameters
 * @param {import("node:child_process").ExecFileOptions} options
 * @returns {Promise<{ stdout: string, stderr: string }>}
 */
async function run(program, parameters, options = {}) {
  try {
    return await execute(program, parameters, { ...options, encoding: "utf8" });
  } catch (error) {
    const { stdout = "", stderr = "" } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    const message = `"${[program, ...parameters].join(" ")}" failed.\n${stdout}${stderr}`;
    throw Object.assign(new Error(message, { cause: error }), { stdout, stderr });
  }
}
