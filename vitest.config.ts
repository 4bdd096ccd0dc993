import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^langchain-1password$/, replacement: source("./src/index.ts") },
      { find: /^langchain-1password\/sandbox$/, replacement: source("./src/sandbox/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    // What takes longer than the one-line test run may: `npm run test:full` runs these as well.
    exclude: process.env.TEST_FULL ? [] : ["test/full/**"],
    typecheck: { enabled: true, include: ["test/types/**/*.test-d.ts"] },
    testTimeout: 20_000,
    // No tracer or provider key of the machine may change what a test sees.
    env: { LANGSMITH_TRACING: "false", LANGCHAIN_TRACING_V2: "false" },
  },
});
