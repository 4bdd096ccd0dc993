import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** No key and no account of the machine may change what an example does. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^OP_|^OFFBOARDING_|_API_KEY$|^APPROVAL_KEY$|^NODE_OPTIONS$|^VITEST/.test(name),
  ),
);

/** Runs what a script of package.json runs, less npm's own start. */
export function runExample(
  script: string,
  ...args: string[]
): Promise<{ code: number | null; out: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", script, ...args], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (out += data.toString()));
    child.stderr.on("data", (data: Buffer) => (errors += data.toString()));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, errors }));
  });
}
