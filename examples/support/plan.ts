import { cursorIn, peopleIn, type Call, type Failure, type ShownPerson } from "./read-results.js";
import { comparable, readTask, type Task } from "./read-task.js";
import { settlePerson } from "./settle-person.js";
import {
  answersOf,
  failureOf,
  isSameCall,
  isWrite,
  toolFor,
  type PlannerTool,
  type Situation,
} from "./situation.js";

/** Either a call, with a word on why, or the last words. */
export interface Step {
  readonly say: string;
  readonly call?: Call;
}

/** Plans the next step from the task and the results so far; nothing is remembered between two steps. */
export function nextStep(situation: Situation): Step {
  const last = situation.calls.at(-1);
  const failure = last === undefined ? null : failureOf(last);
  const step = failure === null ? plan(situation) : afterFailure(situation, failure);
  const before = step.call === undefined ? undefined : madeBefore(situation, step.call);
  if (before === undefined) return step;
  const { text, name } = before;
  if (failureOf(before) !== null) return giveUp(situation);
  return {
    say: `I stop here: the answer of ${name} is nothing that I can go on with ("${firstLine(text)}").`,
  };
}

function plan(situation: Situation): Step {
  const task = readTask(situation.task);
  if (task.kind === "unclear") return { say: task.why };
  if (task.kind === "count") return countPeople(situation);
  return findPerson(situation, task);
}

/** Does what a failed call recommends, where that is a look that was not taken before; once in a row. */
function afterFailure(situation: Situation, { next }: Failure): Step {
  const { calls, tools } = situation;
  const isSecond = calls.slice(-2).filter((past) => failureOf(past) !== null).length === 2;
  const isFollowed =
    next !== null &&
    !isSecond &&
    tools.some(({ name }) => name === next.name) &&
    // What a result says may lead to a look, never to a change.
    !isWrite(next) &&
    madeBefore(situation, next) === undefined;
  return isFollowed
    ? { say: "That failed. I do what the answer recommends.", call: next }
    : giveUp(situation);
}

function giveUp({ calls }: Situation): Step {
  const reasons = calls.flatMap((past) => failureOf(past)?.reason ?? []);
  const written = calls.filter(isWrite);
  const change = written.some((past) => failureOf(past) === null)
    ? " The change itself was made, but I could not confirm it."
    : "";
  const untouched = written.length === 0 ? " I changed nobody." : change;
  return { say: `I stop here, because a call failed. ${[...new Set(reasons)].join(" ")}${untouched}` };
}

/** The same call as it was made before. Looking again after a change is another call: the answer may differ. */
function madeBefore({ calls }: Situation, call: Call) {
  const lastWrite = calls.findLastIndex(isWrite);
  return calls.find(
    (past, index) =>
      isSameCall(past, call) && (index >= lastWrite || isWrite(past) || failureOf(past) !== null),
  );
}

function countPeople(situation: Situation): Step {
  const find = toolFor(situation, "find");
  if (find === undefined) {
    return readWholeList(situation, (people) => {
      const states = [...new Set(people.map(({ state }) => state))];
      const counts = states.map((state) => `${people.filter((one) => one.state === state).length} ${state}`);
      return `${people.length} people on all pages of the list: ${counts.join(", ")}.`;
    });
  }
  const answer = answersOf(situation, "find").at(-1);
  return answer === undefined
    ? { say: "I ask how many there are.", call: { name: find.name, args: {} } }
    : { say: firstLine(answer.text) };
}

/** Finds the one person with exactly the email; with anything but one such person, nothing is done. */
function findPerson(situation: Situation, task: Extract<Task, { email: string }>): Step {
  const { email } = task;
  const [searches, pages] = [answersOf(situation, "find"), answersOf(situation, "list")];
  const shown = [...searches, ...pages].flatMap(({ text }) => peopleIn(text));
  const found = new Map(
    shown
      .filter((person) => comparable(person.email) === comparable(email))
      .map((person) => [person.id, person]),
  );
  const [person, ...others] = found.values();
  if (person !== undefined && others.length === 0) return settlePerson(situation, task, person);
  if (person !== undefined) {
    const ids = [...found.keys()].join(", ");
    return {
      say: `${found.size} people have the email ${email} (${ids}). Which one is meant? I changed nobody.`,
    };
  }
  const search = searches.at(-1);
  if (search !== undefined) {
    const words = shown.length === 0 ? firstLine(search.text) : `Nobody that was found has exactly ${email}.`;
    return { say: `${words} So I changed nobody.` };
  }
  const find = toolFor(situation, "find");
  if (find !== undefined && pages.length === 0) {
    return { say: `I look for ${email}.`, call: { name: find.name, args: { email } } };
  }
  return readWholeList(
    situation,
    (people) => `Nobody has the email ${email}: I read all ${people.length} people. So I changed nobody.`,
  );
}

/** Pages through the list, and says the words when no page is left. */
function readWholeList(situation: Situation, words: (people: ShownPerson[]) => string): Step {
  const list = toolFor(situation, "list");
  if (list === undefined) return { say: "No tool that I have finds or lists people. I changed nobody." };
  const { name } = list;
  const pages = answersOf(situation, "list");
  const last = pages.at(-1);
  if (last === undefined) return { say: "I read the list.", call: { name, args: largestPage(list) } };
  const cursor = cursorIn(last.text);
  if (cursor === null) return { say: words(pages.flatMap(({ text }) => peopleIn(text))) };
  const argument = ["page_token", "next_cursor"].find((each) => each in propertiesOf(list)) ?? "cursor";
  return { say: "I read the next page.", call: { name, args: { ...last.args, [argument]: cursor } } };
}

function largestPage(list: PlannerTool): Record<string, number> {
  const sizes = Object.entries(propertiesOf(list)).flatMap(([name, { maximum }]) =>
    ["max_page_size", "limit"].includes(name) && typeof maximum === "number"
      ? [[name, maximum] as const]
      : [],
  );
  return Object.fromEntries(sizes);
}

function propertiesOf({ schema }: PlannerTool): Record<string, { maximum?: unknown }> {
  return (schema as { properties?: Record<string, { maximum?: unknown }> }).properties ?? {};
}

function firstLine(text: string): string {
  return text.split("\n", 1).join("");
}
