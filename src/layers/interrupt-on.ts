import { objectOfArguments, readArguments } from "../arguments/read-arguments.js";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { Context, Targets } from "../call.js";
import { plainText } from "../content/plain-text.js";
import { shownEmail, shownWord } from "../content/shown-email.js";
import type { ToolDescriptor } from "../descriptor.js";
import { isToolsetError } from "../errors/toolset-error.js";
import { consequenceOf } from "./approval-matter.js";
import { BoundedMap } from "./bounded-map.js";
import { canonicalJson } from "./canonical-json.js";
import { shownPerson } from "./shown-person.js";
import type { User } from "../user.js";
import { targetsIn } from "./targets.js";

/** A model's call of a tool, as the middleware passes it. */
export interface InterruptedCall {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly id?: string | undefined;
}

/** What `humanInTheLoopMiddleware` takes for each tool. */
export interface InterruptOnTool {
  allowedDecisions: ("approve" | "reject")[];
  /** Shows whom the call concerns. Never throws, and asks the account once for the same call. */
  description: (toolCall: InterruptedCall) => Promise<string>;
  /** Whether the call writes at all. */
  when: (request: { toolCall: InterruptedCall }) => boolean;
}

/**
 * What `humanInTheLoopMiddleware` takes as `interruptOn`.
 *
 * Where a model calls several tools at once and one of the calls is rejected, the middleware of langchain 1.5.14 drops
 * the approved ones: they are not made, and have no answer. The approval inside of the tools, the option `approval`,
 * answers each call for itself.
 *
 * @see https://github.com/langchain-ai/langchainjs/issues/11125
 */
export type InterruptOn = Record<string, InterruptOnTool>;

/** How many descriptions are remembered at most. */
const mostRemembered = 1000;
const rememberedMs = 5 * 60_000;

/** Describes every write for the middleware. */
export function interruptOnEach(
  descriptors: readonly ToolDescriptor[],
  contextFor: (descriptor: ToolDescriptor, config: RunnableConfig) => Context,
): InterruptOn {
  const descriptions = new BoundedMap<{ description: Promise<string>; until: number }>(mostRemembered);

  function described(descriptor: ToolDescriptor, toolCall: InterruptedCall): Promise<string> {
    const description = () => describe(descriptor, argsOf(descriptor, toolCall), contextFor(descriptor, {}));
    // What has no id cannot be told from the same call made later.
    if (toolCall.id === undefined) return description();
    const key = canonicalJson([toolCall.id, toolCall.name, toolCall.args]);
    const known = descriptions.get(key);
    if (known !== undefined && known.until > Date.now()) return known.description;
    const shown = description();
    descriptions.set(key, { description: shown, until: Date.now() + rememberedMs });
    return shown;
  }

  return Object.fromEntries(
    descriptors.map((descriptor) => [
      descriptor.name,
      {
        allowedDecisions: ["approve", "reject"],
        description: (toolCall) => described(descriptor, toolCall),
        when: ({ toolCall }) =>
          !("fix" in descriptor.inputSchema.properties) ||
          argsOf(descriptor, toolCall).fix === true ||
          argsOf(descriptor, toolCall).fix_reactivate === true,
      } satisfies InterruptOnTool,
    ]),
  );
}

/** The arguments as the tool itself will read them: what is shown is what will be done. */
function argsOf(descriptor: ToolDescriptor, { args }: InterruptedCall): Readonly<Record<string, unknown>> {
  return objectOfArguments(readArguments(args, descriptor)) ?? {};
}

const unseen = "Whom this concerns was not read: it is in the arguments alone.";

async function peopleIn(
  targets: Targets,
  { id }: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<User[]> {
  if (targets.state === "named") {
    const read = (name: string) => (targets.by === "id" ? context.readUser(name) : context.findUser(name));
    return Promise.all(targets.names.map(read));
  }
  // A tool that takes an email or an id, such as the one that offboards.
  return typeof id === "string" ? [await context.readUser(id)] : [];
}

async function describe(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  context: Context,
): Promise<string> {
  const call = `${descriptor.name} ${plainText(canonicalJson(args), 2000)}`;
  try {
    const targets = targetsIn(descriptor, args);
    if (targets.state === "none") return call;
    const people = await peopleIn(targets, args, context);
    if (people.length === 0) return `${call}\n${unseen}`;
    const { expected_email: expected } = args;
    const check =
      typeof expected === "string"
        ? `\nThe model expects <${shownEmail(expected)}>; another person is refused.`
        : "";
    const lines = people.map(
      (person) =>
        `${descriptor.method}: ${shownPerson(person)}, ${shownWord(person.state)}, in the account since ` +
        `${shownWord(person.create_time)}.`,
    );
    return `${lines.join("\n")}\n${consequenceOf(descriptor.method)}${check}\nCall: ${call}`;
  } catch (error) {
    const why = isToolsetError(error) ? error.code : "an unexpected error";
    return `${call}\nThe person whom it names could not be read (${why}): do not approve what you cannot see.`;
  }
}
