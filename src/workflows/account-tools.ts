import type { Call } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import { worded } from "../errors/words.js";
import type { Guards } from "../layers/guards.js";
import { userArgumentOf } from "../layers/subject.js";
import type { ToolSource } from "../sources/source.js";
import type { AccountTools } from "./workflow.js";

/** A tool, and its way through the guards. */
interface GuardedTool extends ToolDescriptor {
  readonly run: Call;
}

/** What account tools are made of. */
interface AccountToolsSetup {
  readonly source: ToolSource;
  readonly readOnly: boolean;
  /** Everything that there is; asked for once for each write. */
  readonly everyTool: () => Promise<readonly GuardedTool[]>;
  readonly guards: () => Promise<Guards>;
}

/** Makes what workflows work with. */
export function createAccountTools({ source, readOnly, everyTool, guards }: AccountToolsSetup): AccountTools {
  return {
    source,
    write: async (method, args, context) => {
      if (readOnly) throw readOnlyError(method);
      const tools = await everyTool();
      const found = tools.find(
        (one) => one.method === method && one.kind === "write" && userArgumentOf(one) !== undefined,
      );
      if (found === undefined) {
        throw new ToolsetError("forbidden", `This account offers no tool that can ${method} anybody.`, {
          unsent: true,
        });
      }
      const { run, ...descriptor } = found;
      try {
        return await run({ descriptor, args, context });
      } catch (error) {
        if (!isToolsetError(error)) throw error;
        const nameOf = (verb: string) => tools.find((one) => one.method === verb)?.name;
        throw worded(error, { descriptor, args, nameOf });
      }
    },
    askForAll: async (changes, action, context) => {
      if (readOnly) throw readOnlyError(action);
      return (await guards()).askForAll(changes, action, context);
    },
  };
}

function readOnlyError(method: string): ToolsetError {
  return new ToolsetError(
    "read_only",
    `This manager is read-only: it does not ${method} anybody. Nothing was changed.`,
    { unsent: true },
  );
}
