import type { CallResult } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import type { Situation } from "../errors/situation.js";
import { isUser, stateAfter, type User } from "../user.js";
import { boundedText } from "./bounded-text.js";
import { dataText } from "./data-text.js";
import { peopleTable, shownUser } from "./people-table.js";

/** Names that a list tool's cursor goes by, in the Users API and in Truto's. */
const cursorArguments = ["page_token", "next_cursor", "cursor"];

/** The tool that lists the directory, whatever source it is of; lists of other things hold no directory. */
const directoryList = /(^|_)1_password_users$/;

/**
 * What the model reads of a result: what it needs, no more, and never more than is bounded for one call.
 *
 * @param nameOf - the name of the tool with a verb, where the model has one
 */
export function answerText(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  result: Exclude<CallResult, { kind: "refused" }>,
  nameOf: Situation["nameOf"] = () => undefined,
): string {
  return boundedText(textOf(descriptor, args, result, nameOf));
}

function textOf(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  result: Exclude<CallResult, { kind: "refused" }>,
  nameOf: Situation["nameOf"],
): string {
  if (result.kind === "planned") return result.would;
  if (result.kind === "write") return writeText(descriptor, args, result);
  if (result.text !== undefined) return result.text;
  const people = peopleIn(result.data);
  const text =
    people !== null
      ? pageText(descriptor, args, people, result.meta.nextCursor, nameOf)
      : isUser(result.data)
        ? JSON.stringify(shownUser(result.data))
        : dataText(result.data);
  return result.note === undefined ? text : `${text}\n${result.note}`;
}

function writeText(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  result: Extract<CallResult, { kind: "write" }>,
): string {
  const { user, showsAnother = false, previous, state, changed, note, text } = result;
  if (text !== undefined) return text;
  const person = user === undefined ? undefined : shownUser(user);
  return JSON.stringify({
    id: person?.id ?? (typeof args.id === "string" ? args.id : null),
    email: person?.email ?? null,
    previous_state: previous,
    state,
    changed,
    // The server's own answer shows the person in the state that was asked for.
    verified: !showsAnother && user?.state === stateAfter(descriptor.method),
    ...(note === undefined ? {} : { note }),
  });
}

function peopleIn(data: unknown): User[] | null {
  const { results, result } = (data ?? {}) as { results?: unknown; result?: unknown };
  const list = results ?? result;
  return Array.isArray(list) && list.every(isUser) ? list : null;
}

function pageText(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  people: readonly User[],
  cursor: string | null,
  nameOf: Situation["nameOf"],
): string {
  const count = people.length === 1 ? "1 person" : `${people.length} people`;
  const isOnly = !cursorArguments.some((name) => args[name] !== undefined);
  const rest =
    cursor === null
      ? `This is the last page.${isOnly ? "" : " Without those before it, it proves no absence and no number."}`
      : `${nextPageText(descriptor, cursor)} ${limitsText(descriptor, nameOf)}`;
  return people.length === 0
    ? `No people on this page. ${rest}`
    : `${peopleTable(people)}\n${count}. ${rest}`;
}

function nextPageText({ inputSchema }: ToolDescriptor, cursor: string): string {
  const argument = cursorArguments.find((name) => name in inputSchema.properties) ?? "cursor";
  return `More follow: call again with ${argument} exactly ${JSON.stringify(cursor)}, all else the same.`;
}

/** What a page that is not the last one does not tell, and what does. */
function limitsText({ name }: ToolDescriptor, nameOf: Situation["nameOf"]): string {
  const find = directoryList.test(name) ? nameOf("find") : undefined;
  const instead =
    find === undefined
      ? "Only all pages together do."
      : `To look for somebody, or to count with limit 0, call ${find}.`;
  return `This page proves no absence and no number. ${instead}`;
}
