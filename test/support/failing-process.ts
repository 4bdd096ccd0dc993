import { Console } from "node:console";
import { ConsoleCallbackHandler } from "@langchain/core/tracers/console";
import { ToolManager, truto } from "langchain-1password";
import { hostileAccount, type Endpoint } from "./hostile-server.js";
import { someId } from "./credentials.js";
import { runFailing, type Host } from "./failing-run.js";

/** A run as it is handed to this process, its credentials apart. */
export interface PrintedRun {
  readonly api: "users" | "truto";
  readonly endpoint: Endpoint;
  readonly baseUrl: string;
  readonly host: Host;
}

/** What this process is told as its only argument, as JSON. */
export interface PrintedRuns {
  readonly runs: readonly PrintedRun[];
  /** Here, closing fails, and the API says that it is deprecated. */
  readonly closing: string;
  /** Here, reading a person fails. */
  readonly last: string;
}

// A program whose author prints everything, runs LangChain's own console tracer and catches nothing at the end.
const printer = new Console(process.stdout, process.stderr);
const { runs, closing, last } = JSON.parse(process.argv[2] ?? "{}") as PrintedRuns;
const {
  OP_CLIENT_ID: clientId = "",
  OP_CLIENT_SECRET: clientSecret = "",
  TRUTO_API_KEY: apiKey = "",
} = process.env;

for (const run of runs) {
  await runFailing(
    {
      ...run,
      clientId,
      secret: run.api === "users" ? clientSecret : apiKey,
      backoff: false,
      timeoutMs: 10_000,
    },
    {
      shown: (where, what) => {
        printer.log(where, what);
        printer.error("%s: %O", where, what);
        printer.dir(what, { showHidden: true, depth: null });
      },
      told: (where, what) => printer.log("%s: %j", where, String(what)),
    },
  );
}

// By the environment, and with what is printed where no listener for warnings is given.
const closed = new ToolManager({ baseUrl: closing });
const callbacks = [new ConsoleCallbackHandler()];
await (await closed.getTool("get_single_1_password_user_by_id")).invoke({ id: someId }, { callbacks });
await closed.close();
await new ToolManager({
  source: truto({ integratedAccountId: hostileAccount.integratedAccountId, apiKey, baseUrl: last }),
}).close();

const manager = new ToolManager({ baseUrl: last });
const tool = await manager.getTool("get_single_1_password_user_by_id");
await tool.invoke({ id: someId }, { callbacks });
