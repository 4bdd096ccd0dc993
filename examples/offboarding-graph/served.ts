import { startSandbox } from "langchain-1password/sandbox";
import { openCheckpoints } from "./checkpoints.js";
import { offboardingGraph } from "./graph.js";
import { openManager, readSettings } from "./settings.js";

// The account that OP_ACCOUNT_ID, OP_CLIENT_ID and OP_CLIENT_SECRET name, at OP_BASE_URL for tests, or else a sandbox
// in this process, whose directory sync brings people back.
const { OP_CLIENT_ID = "", OP_BASE_URL } = process.env;
const account =
  OP_CLIENT_ID === ""
    ? { ...(await startSandbox({ directorySync: { afterMs: 1000 } })) }
    : { baseUrl: OP_BASE_URL };

const settings = readSettings();
const { manager } = openManager(settings, account);
const { checkpointer } = await openCheckpoints(settings);

/**
 * The graph for `langgraphjs dev`, made anew for each run.
 *
 * The development server puts a checkpointer of its own in the place of a graph's, which writes a JSON file three
 * seconds after the last change: a server that is killed forgets what it did. So this graph keeps its own. Only a
 * run without a thread has none, and ends with an error where it would ask for approval.
 */
export function graph() {
  const compiled = offboardingGraph({ manager, waitMs: settings.waitMs, checkpointer });
  let hasThread = true;
  Object.defineProperty(compiled, "checkpointer", {
    get: () => (hasThread ? checkpointer : undefined),
    set: (given: unknown) => (hasThread = given !== undefined),
  });
  return compiled;
}
