import type { Call } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import { isToolsetError, ToolsetError } from "../errors/toolset-error.js";
import type { Situation } from "../errors/situation.js";
import { worded } from "../errors/words.js";
import type { Guards } from "../layers/guards.js";
import type { ToolSource } from "../sources/source.js";
import { holdsEmails, targetOf, withNames, type TargetArgument } from "../target.js";
import { userTools } from "../user-tool.js";
import type { AccountTools } from "./workflow.js";

/** A tool, and its way through the guards. */
interface GuardedTool extends ToolDescriptor {
  readonly run: Call;
}

/** What account tools are made of. */
interface AccountToolsSetup {
  readonly source: ToolSource;
  readonly readOnly: boolean;
  /** The tools that the source lists; asked for once for each write. */
  readonly listedTools: () => Promise<readonly GuardedTool[]>;
  /** Why a listed tool with a verb is left out; `undefined` where none is. */
  readonly whyLeftOut: (method: string) => string | undefined;
  /** Tells what the tool for users with a verb is called, where there is one. */
  readonly namesOf: () => Promise<Situation["nameOf"]>;
  readonly guards: () => Promise<Guards>;
}

/** Makes what workflows work with. */
export function createAccountTools(setup: AccountToolsSetup): AccountTools {
  const { source, readOnly, listedTools, namesOf, guards } = setup;
  return {
    source,
    write: async (method, id, facts, context) => {
      if (readOnly) throw readOnlyError(method);
      const { run, ...descriptor } = toolThat(method, await listedTools(), setup.whyLeftOut);
      const target = targetOf(descriptor) as TargetArgument;
      const args = { ...withNames(target, [id]), ...facts };
      try {
        return await run({ descriptor, args, context });
      } catch (error) {
        if (!isToolsetError(error)) throw error;
        throw worded(error, { descriptor, args, nameOf: await namesOf() });
      }
    },
    askForAll: async (changes, action, context) => {
      if (readOnly) throw readOnlyError(action);
      return (await guards()).askForAll(changes, action, context);
    },
  };
}

/** The source's own tool that makes a change of a user, by their id. */
function toolThat(
  method: string,
  tools: readonly GuardedTool[],
  whyLeftOut: AccountToolsSetup["whyLeftOut"],
): GuardedTool {
  const [tool, ...others] = userTools(tools, method).filter((one) => {
    const target = targetOf(one);
    return one.kind === "write" && typeof target === "object" && !holdsEmails(target);
  });
  if (tool === undefined) {
    const why = whyLeftOut(method) ?? "The account, or Truto, has to offer one.";
    throw new ToolsetError(
      "forbidden",
      `There is no tool that can ${method} a user, and nothing was changed. ${why}`,
      { unsent: true },
    );
  }
  if (others.length === 0) return tool;
  const names = [tool, ...others].map(({ name }) => name).join(", ");
  throw new ToolsetError(
    "forbidden",
    `Several tools of this account could ${method} a user, and nobody knows which is meant: ${names}. Nothing was ` +
      `changed. The source has to name the "resource" of each.`,
    { unsent: true },
  );
}

function readOnlyError(method: string): ToolsetError {
  return new ToolsetError(
    "read_only",
    `This manager is read-only: it does not ${method} anybody. Nothing was changed.`,
    { unsent: true },
  );
}
