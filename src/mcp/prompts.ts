import {
  ProtocolError,
  ProtocolErrorCode,
  type GetPromptResult,
  type McpServer,
  type Prompt,
} from "@modelcontextprotocol/server";
import { plainText } from "../content/plain-text.js";
import { userTool } from "../user-tool.js";
import type { ToolsetTool } from "../tool.js";

/** A prompt, the verbs that it needs one of each of, and what it says. */
interface TaskPrompt extends Prompt {
  /** Groups of verbs; of each group one has to be there. */
  readonly needs: readonly (readonly string[])[];
  readonly text: (
    given: Readonly<Record<string, string>>,
    nameOf: (verb: string) => string | undefined,
  ) => string;
}

const tasks: readonly TaskPrompt[] = [
  {
    name: "offboard_user",
    title: "Offboard somebody",
    description: "Finds a leaver, suspends them, confirms it, and says what is left to do.",
    arguments: [
      { name: "email", description: "The leaver's email.", required: true },
      { name: "reason", description: "Why, such as a ticket." },
    ],
    needs: [
      ["offboard", "suspend"],
      ["offboard", "find"],
    ],
    text: ({ email, reason }, nameOf) => {
      const offboard = nameOf("offboard");
      const how =
        offboard === undefined
          ? `Find them with ${String(nameOf("find"))}, make sure that it is them, suspend them with ` +
            `${String(nameOf("suspend"))} giving their email as expected_email, and read them again.`
          : `Call ${offboard} once with that email.`;
      const why = reason === undefined ? "" : ` The reason is: ${JSON.stringify(reason)}.`;
      return (
        `${JSON.stringify(email)} has left. Suspend them in 1Password.${why} ${how} Nobody else may be changed: where ` +
        "nobody or several people have that email, stop and ask. Then say what was changed, from which state to " +
        "which, whether it was confirmed, and what suspending does not do. Where it was refused, say why, and stop."
      );
    },
  },
  {
    name: "audit_access",
    title: "Audit access",
    description:
      "Checks a list of people against the account: who has drifted from the state they should be in.",
    arguments: [
      { name: "emails", description: "Addresses, one a line or with commas, or CSV text.", required: true },
      { name: "state", description: "SUSPENDED (the default) or ACTIVE: what they should be." },
    ],
    needs: [["audit", "find"]],
    text: ({ emails, state = "SUSPENDED" }, nameOf) => {
      const tool = nameOf("audit") ?? String(nameOf("find"));
      return (
        `These people should be ${state} in 1Password:\n${emails ?? ""}\n\nCheck them all with ${tool}. Say how many ` +
        "were checked, and name everybody who is in another state or in no account. Change nobody."
      );
    },
  },
];

/** The longest argument of a prompt, in UTF-16 code units. */
const longestArgument = 100_000;

/**
 * Offers the tasks that people use these tools for as prompts, each where its tools exist.
 *
 * @param list - the tools that exist
 */
export function addPrompts(server: McpServer, list: () => Promise<readonly ToolsetTool[]>): void {
  const offered = async () => {
    const descriptors = (await list()).map(({ descriptor }) => descriptor);
    const nameOf = (verb: string) => userTool(descriptors, verb)?.name;
    const prompts = tasks.filter(({ needs }) =>
      needs.every((verbs) => verbs.some((verb) => nameOf(verb) !== undefined)),
    );
    return { prompts, nameOf };
  };
  server.server.setRequestHandler("prompts/list", async () => ({
    prompts: (await offered()).prompts.map(({ needs: _needs, text: _text, ...prompt }) => prompt),
  }));
  server.server.setRequestHandler("prompts/get", async ({ params }): Promise<GetPromptResult> => {
    const { prompts, nameOf } = await offered();
    const prompt = prompts.find(({ name }) => name === params.name);
    if (prompt === undefined) {
      const names = prompts.map(({ name }) => name).join(", ");
      throw invalid(`No prompt is named "${plainText(params.name, 80)}". There are: ${names}.`);
    }
    const text = prompt.text(checkedArguments(prompt, params.arguments ?? {}), nameOf);
    return {
      ...(prompt.description === undefined ? {} : { description: prompt.description }),
      messages: [{ role: "user", content: { type: "text", text } }],
    };
  });
}

function checkedArguments(
  { name, arguments: known = [] }: Prompt,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const argument of known) {
    const value = given[argument.name];
    if (value === undefined || value.trim() === "") {
      if (argument.required === true) throw invalid(`The prompt "${name}" needs "${argument.name}".`);
      continue;
    }
    if (value.length > longestArgument) {
      throw invalid(
        `"${argument.name}" has ${value.length} characters, and at most ${longestArgument} are taken.`,
      );
    }
    checked[argument.name] = value;
  }
  return checked;
}

function invalid(text: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, text);
}
