import type { CallResult } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import { isUser, stateAfter, type User } from "../user.js";
import { boundedText } from "./bounded-text.js";
import { dataText } from "./data-text.js";
import { peopleTable, shownUser } from "./people-table.js";

/** Names that a list tool's cursor goes by, in the Users API and in Truto's. */
const cursorArguments = ["page_token", "next_cursor", "cursor"];

/** What the model reads of a result: what it needs, no more, and never more than is bounded for one call. */
export function answerText(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  result: Exclude<CallResult, { kind: "refused" }>,
): string {
  return boundedText(textOf(descriptor, args, result));
}

function textOf(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  result: Exclude<CallResult, { kind: "refused" }>,
): string {
  if (result.kind === "planned") return result.would;
  if (result.kind === "write") return writeText(descriptor, args, result);
  if (result.text !== undefined) return result.text;
  const people = peopleIn(result.data);
  const text =
    people !== null
      ? pageText(descriptor, people, result.meta.nextCursor)
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

function pageText({ inputSchema }: ToolDescriptor, people: readonly User[], cursor: string | null): string {
  const argument = cursorArguments.find((name) => name in inputSchema.properties) ?? "cursor";
  const count = people.length === 1 ? "1 person" : `${people.length} people`;
  const rest =
    cursor === null
      ? "This is the last page."
      : `More follow: call again with ${argument} exactly ${JSON.stringify(cursor)}, all else the same.`;
  return people.length === 0
    ? `No people on this page. ${rest}`
    : `${peopleTable(people)}\n${count}. ${rest}`;
}
