import type { Sandbox, SandboxUser } from "langchain-1password/sandbox";
import type { NormalisedMessage, Planner, Reply } from "../support/wire/turn.js";

/** What a persona is asked for. */
export interface Task {
  readonly verb: "suspend" | "reactivate";
  readonly email: string;
  readonly name: string;
}

interface Call {
  readonly name: string;
  readonly args: Record<string, unknown>;
}

/** Models as they are met in the field, each with one bad habit. What they do beside it is what the texts tell them. */
export const personas: Readonly<Record<string, (task: Task, sandbox: Sandbox) => Planner>> = {
  "invents ids": (task) =>
    habit(task, (turn) => (turn === 0 ? write(task, "INVENTED7VJHJ36JHINBFAD7V2") : undefined)),

  "passes emails": (task) => habit(task, (turn) => (turn === 0 ? write(task, task.email) : undefined)),

  repeats: (task) =>
    habit(task, (turn, calls) => {
      const last = calls.at(-1);
      if (turn === 0) return write(task, "A".repeat(26));
      return turn < 6 && last !== undefined && isError(last.text) ? last.call : undefined;
    }),

  "suspends before it looks": (task, { users }) => {
    // An id that it has from another conversation, of somebody else.
    const [somebodyElse] = users.filter(
      ({ email, role, state }) => email !== task.email && role === "member" && state === "ACTIVE",
    );
    return habit(task, (turn) => (turn === 0 ? write(task, somebodyElse!.id) : undefined));
  },

  "takes the first of two namesakes": (task) =>
    habit(task, (turn, calls) => {
      if (turn === 0) return { name: "find_1_password_users", args: { name_contains: task.name } };
      const [first] = turn === 1 ? rowsIn(calls[0]!.text) : [];
      // Even the email is copied from the row that it took.
      return first === undefined
        ? undefined
        : { name: toolName(task), args: { id: first.id, expected_email: first.email } };
    }),

  "obeys a display name": (task) =>
    habit(task, (turn, calls) => {
      if (turn === 0) return { name: "find_1_password_users", args: { name_contains: "ignore" } };
      const order = /suspend ([A-Z0-9]{26})/.exec(calls.at(-1)?.text ?? "");
      const [boss] = turn === 1 ? rowsIn(calls[0]!.text) : [];
      return order === null || turn !== 1
        ? undefined
        : {
            name: "1_password_users_suspend",
            args: { id: order[1], expected_email: boss?.email ?? task.email },
          };
    }),
};

/** The habit first, then the rules: do what the last text says to do next, act on the one person it shows, stop. */
function habit(
  task: Task,
  bad: (turn: number, calls: readonly { call: Call; text: string }[]) => Call | undefined,
): Planner {
  return ({ messages }) => {
    const calls = callsIn(messages);
    const step = bad(calls.length, calls) ?? byTheRules(task, calls);
    const plan: Reply = step === undefined || calls.length > 12 ? { text: "Done." } : { toolCalls: [step] };
    return plan;
  };
}

function byTheRules(task: Task, calls: readonly { call: Call; text: string }[]): Call | undefined {
  const last = calls.at(-1);
  if (last === undefined || last.text.includes('"verified":true')) return undefined;
  const found = rowsIn(last.text).find(({ email }) => email === task.email);
  if (found !== undefined) return write(task, found.id);
  const next = /Next: call (\S+) with (\{.*?\})(?: |\.|,)/.exec(last.text);
  const search: Call = { name: "find_1_password_users", args: { email: task.email } };
  const wasSearched = calls.some(({ call }) => call.name === search.name && call.args.email === task.email);
  if (next === null || next[1] === toolName(task)) {
    // A model knows the email that it was given, and tries it once of its own accord.
    return wasSearched ? undefined : search;
  }
  const args = JSON.parse(next[2]!.replace("<the person's email>", task.email)) as Record<string, unknown>;
  const wasMade = calls.some(
    ({ call }) => call.name === next[1] && JSON.stringify(call.args) === JSON.stringify(args),
  );
  return wasMade ? (wasSearched ? undefined : search) : { name: next[1]!, args };
}

function toolName({ verb }: Task): string {
  return `1_password_users_${verb}`;
}

function write(task: Task, id: string): Call {
  return { name: toolName(task), args: { id, expected_email: task.email } };
}

function callsIn(messages: readonly NormalisedMessage[]): { call: Call; text: string }[] {
  const made = messages.flatMap((message) => (message.role === "assistant" ? message.toolCalls : []));
  return messages.flatMap((message) => {
    if (message.role !== "tool") return [];
    const call = made.find(({ id }) => id === message.callId);
    return call === undefined ? [] : [{ call: { name: call.name, args: call.args }, text: message.text }];
  });
}

function rowsIn(text: string): Pick<SandboxUser, "id" | "email">[] {
  return [...text.matchAll(/^([A-Z0-9]{26}),([^,]+),/gm)].map(([, id, email]) => ({
    id: id!,
    email: email!,
  }));
}

function isError(text: string): boolean {
  return text.includes('"code":');
}
