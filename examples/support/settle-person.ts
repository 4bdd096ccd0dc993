import type { Step } from "./plan.js";
import { peopleIn, type ShownPerson } from "./read-results.js";
import { comparable, type Task } from "./read-task.js";
import {
  answersOf,
  failureOf,
  isWrite,
  toolFor,
  type PastCall,
  type PlannerTool,
  type Situation,
} from "./situation.js";

/** What a change of state leaves to people. */
const leftToPeople = {
  suspend:
    " A device that is offline keeps its data until it reconnects, and what they shared still has to be changed.",
  reactivate: "",
};

/** The one person is found: check who it is, change what is to be changed, and look again. */
export function settlePerson(
  situation: Situation,
  task: Extract<Task, { email: string }>,
  row: ShownPerson,
): Step {
  const { id } = row;
  const look = toolFor(situation, "get_single");
  const calls = situation.calls.filter((past) => past.args.id === id);
  const writeIndex = calls.findIndex(isWrite);
  const write = calls[writeIndex];

  const before = lastSeen(write === undefined ? calls : calls.slice(0, writeIndex));
  if (look !== undefined && before === undefined) {
    return { say: `I check who has the id ${id}.`, call: { name: look.name, args: { id } } };
  }
  const seen = before ?? row;
  const who = seen.name === "" ? seen.email : `${seen.name} <${seen.email}>`;
  if (comparable(seen.email) !== comparable(task.email)) {
    return {
      say: `The id ${id} is that of ${who}, not of ${task.email}. I changed nobody; please look into it.`,
    };
  }
  if (task.kind === "look") return { say: `${who} has the id ${id} and is ${seen.state}.` };

  if (write === undefined) {
    if (seen.state === task.state) return { say: `${who} is ${seen.state} already: nothing was left to do.` };
    const change = toolFor(situation, task.verb);
    return change === undefined
      ? {
          say: `${who} is ${seen.state}, and no tool that I have can ${task.verb} anybody. I changed nobody.`,
        }
      : {
          say: `It is ${who}, ${seen.state}. I ${task.verb} them.`,
          call: { name: change.name, args: { id, ...named(change, task.email) } },
        };
  }

  const after = lastSeen(calls.slice(writeIndex + 1));
  if (look !== undefined && after === undefined) {
    return { say: "I look again, to confirm it.", call: { name: look.name, args: { id } } };
  }
  const state = (after ?? peopleIn(write.text).at(-1))?.state ?? "in an unknown state";
  if (state !== task.state) {
    const reason = failureOf(write)?.reason ?? "";
    return { say: `I tried to ${task.verb} ${who}, but they are ${state}. ${reason} Please look into it.` };
  }
  const confirmed = after === undefined ? "as the answer says" : "as I read afterwards";
  return {
    say: `${who} is ${state} now, ${confirmed}; before, they were ${seen.state}.${leftToPeople[task.verb]}`,
  };
}

/** Whom the task means, for a tool that checks it before it changes anybody. */
function named({ schema }: PlannerTool, email: string): { expected_email?: string } {
  const { properties = {} } = schema as { properties?: object };
  return "expected_email" in properties ? { expected_email: email } : {};
}

function lastSeen(calls: readonly PastCall[]): ShownPerson | undefined {
  return answersOf({ calls }, "get_single")
    .flatMap(({ text }) => peopleIn(text))
    .at(-1);
}
