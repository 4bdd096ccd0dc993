import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LeftOutReporter } from "./test/support/left-out-reporter.js";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// No tracer, key or account of the machine may change what a test sees.
for (const name of Object.keys(process.env)) {
  if (/^(ANTHROPIC|GOOGLE|LANGCHAIN|LANGSMITH|OPENAI|OP)_/.test(name))
    Reflect.deleteProperty(process.env, name);
}

export default defineConfig({
  // Not `typecheck.enabled`, which announces in every run that it is experimental.
  plugins: [
    {
      name: "type-tests",
      configureVitest({ project }) {
        project.config.typecheck.enabled = true;
      },
    },
    {
      name: "left-out",
      // Not `reporters`, which the command line would replace.
      configureVitest({ vitest }) {
        vitest.config.reporters.push(new LeftOutReporter());
      },
    },
  ],
  resolve: {
    alias: [
      { find: /^langchain-1password$/, replacement: source("./src/index.ts") },
      { find: /^langchain-1password\/sandbox$/, replacement: source("./src/sandbox/index.ts") },
      { find: /^langchain-1password\/node$/, replacement: source("./src/node/index.ts") },
      { find: /^langchain-1password\/mcp$/, replacement: source("./src/mcp/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // What takes longer than the one-line test run may: `npm run test:full` runs these.
    exclude: process.env.TEST_FULL ? [] : ["test/full/**"],
    typecheck: { include: ["test/types/**/*.test-d.ts"], tsconfig: "test/types/tsconfig.json" },
    globalSetup: ["test/support/bundle-programs.ts"],
    testTimeout: 20_000,
    maxWorkers: 2,
  },
});
