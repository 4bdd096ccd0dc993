import { join } from "node:path";
import { inject } from "vitest";

/** The file of a program that was bundled for this run. */
export function programFile(name: "command" | "stdio-server" | "terminal-asker"): string {
  return join(inject("programs"), `${name}.mjs`);
}
