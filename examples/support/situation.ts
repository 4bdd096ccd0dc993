import { failureIn, type Call, type Failure } from "./read-results.js";

/** A tool that the planner may call. */
export interface PlannerTool {
  readonly name: string;
  /** The JSON Schema of its arguments. */
  readonly schema: unknown;
}

/** A call that was made, and what came back. */
export interface PastCall extends Call {
  readonly text: string;
  readonly isError: boolean;
}

/** Everything that the next step is planned from. */
export interface Situation {
  /** What a person asked for. */
  readonly task: string;
  readonly tools: readonly PlannerTool[];
  /** In the order in which they were made. */
  readonly calls: readonly PastCall[];
}

/** What a tool does, as a word in its name. */
export type Verb = "find" | "list" | "get_single" | "suspend" | "reactivate";

/** The tool whose name holds a verb, under Truto's names and portable ones alike. */
export function toolFor({ tools }: Situation, verb: Verb): PlannerTool | undefined {
  return tools.find(({ name }) => hasVerb(name, verb));
}

/** The calls of a verb's tool that succeeded. */
export function answersOf({ calls }: Pick<Situation, "calls">, verb: Verb): PastCall[] {
  return calls.filter((past) => hasVerb(past.name, verb) && failureOf(past) === null);
}

/** Whether a call changes somebody. */
export function isWrite({ name }: Call): boolean {
  return hasVerb(name, "suspend") || hasVerb(name, "reactivate");
}

/** Whether two calls are the same, arguments included. */
export function isSameCall(one: Call, other: Call): boolean {
  return one.name === other.name && JSON.stringify(one.args) === JSON.stringify(other.args);
}

/** What a past call said, where it failed. */
export function failureOf({ text, isError }: PastCall): Failure | null {
  return failureIn(text, isError);
}

function hasVerb(name: string, verb: Verb): boolean {
  return `_${name}_`.includes(`_${verb}_`);
}
