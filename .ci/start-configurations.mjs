/**
 * Starts the MCP server from each assistant's configuration in the README, exactly as it is written there, where the
 * packed package is installed.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/** @typedef {{ command: string, args: string[], env: Record<string, string> }} Configured */

const assistants = 3;

/** What a person would have in their environment, or type where the assistant asks. */
const given = {
  OP_ACCOUNT_ID: "F3DQ4R3UJNFGZMOLAFKVWOYHOE",
  OP_CLIENT_ID: "client",
  OP_CLIENT_SECRET: "secret",
  "op-secret": "secret",
};

/**
 * @param {string} folder - where the package is installed
 */
export async function startConfigurations(folder) {
  const readme = await readFile(join(folder, "node_modules/langchain-1password/README.md"), "utf8");
  const configured = [...readme.matchAll(/^```json\n([\s\S]*?)^```/gm)].flatMap(([, text = ""]) => {
    /** @type {unknown} */
    const configuration = JSON.parse(text);
    const { mcpServers, servers } =
      /** @type {{ mcpServers?: Record<string, Configured>, servers?: Record<string, Configured> }} */ (
        configuration
      );
    return Object.values(mcpServers ?? servers ?? {});
  });
  assert.equal(configured.length, assistants, "The README has a configuration for each assistant.");
  for (const one of configured) await start(folder, one);
  console.log(`Started ${configured.length} configurations of the README as they are written.`);
}

/**
 * @param {string} folder
 * @param {Configured} configured
 */
async function start(folder, { command, args, env }) {
  // Which folder an assistant starts it in is not in the configuration; `npx` looks for the package there first.
  const place = { command, args, cwd: folder, env: { ...basics(), ...filledIn(env) } };
  const transport = new StdioClientTransport({ ...place, stderr: "pipe" });
  let complaints = "";
  transport.stderr?.on("data", (chunk) => (complaints += String(chunk)));
  const client = new Client({ name: "configuration-check", version: "1.0.0" });
  try {
    await client.connect(transport);
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    for (const name of ["find_1_password_users", "onepassword_users_suspend", "offboard_1_password_user"]) {
      assert(names.includes(name), `"${name}" is not among ${names.join(", ")}.`);
    }
  } catch (error) {
    throw new Error(`"${[command, ...args].join(" ")}" does not start.\n${complaints}`, { cause: error });
  } finally {
    await client.close();
  }
}

/** What `npx` itself needs of the environment. */
function basics() {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME };
}

/** @param {Record<string, string>} env */
function filledIn(env) {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{(?:env|input):([\w-]+)\}/g, (_whole, /** @type {keyof typeof given} */ key) => {
        assert(key in given, `Nobody was told what "${key}" is.`);
        return given[key];
      }),
    ]),
  );
}
