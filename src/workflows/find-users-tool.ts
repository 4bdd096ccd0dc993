import type { ToolDefinition } from "../define-tool.js";
import type { ToolSource } from "../sources/source.js";
import type { FindUsersCriteria } from "./find-users.js";
import { findUsersDescriptor } from "./find-users-descriptor.js";

/** The tool that finds people in a directory whose API cannot search. Its code is loaded when it is first called. */
export function findUsersTool(source: ToolSource): ToolDefinition {
  return {
    descriptor: findUsersDescriptor,
    call: async (args, context) => {
      const criteria = args as FindUsersCriteria;
      const [{ findUsers }, { findUsersText }] = await Promise.all([
        import("./find-users.js"),
        import("./find-users-text.js"),
      ]);
      const { result, meta } = await findUsers(source, criteria, context);
      return { kind: "answer", data: result, meta, text: findUsersText(criteria, result) };
    },
  };
}
