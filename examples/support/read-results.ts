/** A person as a tool's answer shows them. */
export interface ShownPerson {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly state: string;
}

/** A tool and its arguments. */
export interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a failed call said. */
export interface Failure {
  /** Why, in the tool's own words. */
  readonly reason: string;
  /** The call that it recommends, where it names one with all of its arguments. */
  readonly next: Call | null;
}

/** The people in an answer: rows under a header line, or JSON. */
export function peopleIn(text: string): ShownPerson[] {
  const json = jsonOf(text);
  const rows = json === undefined ? rowsIn(text) : recordsIn(json);
  return rows.flatMap((row) => {
    const { id, email, display_name: name, state } = row;
    return typeof id === "string" && typeof email === "string" && typeof state === "string"
      ? [{ id, email, name: typeof name === "string" ? name : "", state }]
      : [];
  });
}

/** The cursor of the next page, where an answer gives one; it goes back exactly as it came. */
export function cursorIn(text: string): string | null {
  const json = jsonOf(text);
  if (isRecord(json)) {
    const cursor = json.next_page_token ?? json.next_cursor;
    return typeof cursor === "string" && cursor !== "" ? cursor : null;
  }
  const told = /More follow: call again with \S+ exactly ("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  const cursor = told === undefined ? undefined : jsonOf(told);
  return typeof cursor === "string" ? cursor : null;
}

/** What went wrong, where a message is an error: by its status, or by the JSON object that ends it. */
export function failureIn(text: string, isError: boolean): Failure | null {
  const lines = text.trimEnd().split("\n");
  const end = lines.findLastIndex(isMachineLine);
  if (!isError && (end === -1 || end !== lines.length - 1)) return null;
  // Hosts put words of their own behind a tool's error.
  const words = lines.slice(0, end === -1 ? lines.length : end).join("\n");
  const [reason = ""] = words.split(/\s*\bNext: /);
  return { reason: reason.trim(), next: recommendedCall(words) };
}

function isMachineLine(line: string): boolean {
  const machine = line.startsWith("{") ? jsonOf(line) : undefined;
  return isRecord(machine) && typeof machine.code === "string";
}

function recommendedCall(words: string): Call | null {
  const found = /\bNext: call (\S+) with (\{.*)/s.exec(words);
  const [, name, rest] = found ?? [];
  if (name === undefined || rest === undefined) return null;
  // The sentence goes on behind the arguments, and a brace may stand in either.
  for (let end = rest.indexOf("}"); end !== -1; end = rest.indexOf("}", end + 1)) {
    const args = jsonOf(rest.slice(0, end + 1));
    if (isRecord(args)) return /<[^<>"]+>/.test(JSON.stringify(args)) ? null : { name, args };
  }
  return null;
}

/** Rows under a header line that names id, email and state, up to the first line that is no such row. */
function rowsIn(text: string): Record<string, string>[] {
  const header = /^(?=.*\bid\b)(?=.*\bemail\b)(?=.*\bstate\b)[a-z_]+(?:,[a-z_]+)+$/m.exec(text);
  if (header === null) return [];
  const [names = [], ...rows] = csvRecords(text.slice(header.index));
  const end = rows.findIndex((row) => row.length !== names.length);
  return rows
    .slice(0, end === -1 ? rows.length : end)
    .map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ""])));
}

/**
 * Splits comma-separated values into records, up to where the text is none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
function csvRecords(text: string): string[][] {
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  const records: string[][] = [];
  let record: string[] = [];
  while (field.lastIndex < text.length) {
    const found = field.exec(text);
    if (found === null) break;
    const [, quoted, plain = "", end] = found;
    record.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}

function recordsIn(json: unknown): Record<string, unknown>[] {
  if (Array.isArray(json)) return json.filter(isRecord);
  if (!isRecord(json)) return [];
  const list = json.results ?? json.result ?? json.data;
  return Array.isArray(list) ? list.filter(isRecord) : [json];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
