import type { CallResult } from "../call.js";
import type { ToolDescriptor } from "../descriptor.js";
import { isUser, stateAfter, type User } from "../user.js";
import { peopleTable, shownUser } from "./people-table.js";
import { plainText } from "./plain-text.js";

/** The longest answer of an unknown shape that a model is shown, in UTF-16 code units. */
const longestAnswer = 20_000;

/** Names that a list tool's cursor goes by, in the Users API and in Truto's. */
const cursorArguments = ["page_token", "next_cursor", "cursor"];

/** What the model reads of a result: what it needs, and no more. */
export function answerText(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  result: Exclude<CallResult, { kind: "refused" }>,
): string {
  if (result.kind === "planned") return result.would;
  if (result.kind === "write") return writeText(descriptor, args, result);
  if (result.text !== undefined) return result.text;
  const people = peopleIn(result.data);
  if (people !== null) return pageText(descriptor, people, result.meta.nextCursor);
  if (isUser(result.data)) return JSON.stringify(shownUser(result.data));
  return otherText(result.data);
}

function writeText(
  descriptor: ToolDescriptor,
  args: Readonly<Record<string, unknown>>,
  result: Extract<CallResult, { kind: "write" }>,
): string {
  const { user, previous, state, changed, note, text } = result;
  if (text !== undefined) return text;
  const person = user === undefined ? undefined : shownUser(user);
  return JSON.stringify({
    id: person?.id ?? (typeof args.id === "string" ? args.id : null),
    email: person?.email ?? null,
    previous_state: previous,
    state,
    changed,
    // The server's own answer shows the person in the state that was asked for.
    verified: user?.state === stateAfter(descriptor.method),
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

function otherText(data: unknown): string {
  const text = JSON.stringify(data, (_key, value: unknown) =>
    typeof value === "string" ? plainText(value, 2000) : value,
  ) as string | undefined;
  if (text === undefined) return "Done; there is nothing to show.";
  if (text.length <= longestAnswer) return text;
  return `${text.slice(0, longestAnswer)}… (cut off: ${text.length} characters in all; ask for less)`;
}
