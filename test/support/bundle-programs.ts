import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the bundled programs. */
    programs: string;
  }
}

const source = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The programs that tests start as processes of their own. */
const programs = {
  command: source("src/mcp/command/main.ts"),
  "stdio-server": source("test/support/mcp-stdio-server.ts"),
  "terminal-asker": source("test/node/terminal-asker.ts"),
};

let folder: string | undefined;

/** Bundles them once for a whole run, packages included: compiling and loading them takes longer than what they do. */
export async function setup(project: TestProject): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "test-programs-"));
  await build({
    entryPoints: programs,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outExtension: { ".js": ".mjs" },
    outdir: folder,
    // What is CommonJS among the packages requires Node's modules.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "error",
  });
  project.provide("programs", folder);
}

export async function teardown(): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
