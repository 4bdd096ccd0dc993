import type { ToolFilter } from "../../filter.js";
import { ToolsetError } from "../../errors/toolset-error.js";
import { describeTool, type RoutedTool } from "./tool-descriptor.js";

/** A page of an account's tools, as far as it has been checked. */
export interface ToolPage {
  readonly tools: readonly unknown[];
  readonly nextCursor: string | null;
}

/** More pages, or more tools, than any integration has are taken for a list without an end. */
const mostPages = 200;
const mostTools = 2000;

/**
 * A filter in Truto's own words. Its `write` means create, update and delete alone, and so would leave out
 * what changes people.
 */
export function trutoWords({ methods, tags }: ToolFilter): { methods?: string; tags?: string } {
  const words = methods?.flatMap((method) => (method === "write" ? ["write", "custom"] : [method]));
  return {
    ...(words === undefined ? {} : { methods: joined("methods", words) }),
    ...(tags === undefined ? {} : { tags: joined("tags", tags) }),
  };
}

/** So many problems are told one by one; a list that is bad throughout needs no more to be mended. */
const mostTold = 10;

/**
 * Reads an account's tools to the last page, and leaves out those that cannot be offered: one bad tool takes
 * no other away, and does not vanish in silence either.
 *
 * @param tell - told of each tool, or argument, that is left out
 * @returns the tools, and why those that are missing are, by name
 * @throws {@link ToolsetError} `bad_response` for a list that would never end
 */
export async function readTools(
  readPage: (cursor: string | null) => Promise<ToolPage>,
  tags: readonly string[],
  tell: (message: string) => void,
): Promise<{ tools: RoutedTool[]; problems: ReadonlyMap<string, string> }> {
  const found = new Map<string, RoutedTool>();
  const problems: string[] = [];
  const leftOut: [name: string, why: string][] = [];
  const cursors = new Set<string>();
  let count = 0;
  let cursor: string | null = null;
  do {
    const page: ToolPage = await readPage(cursor);
    for (const tool of page.tools) {
      count += 1;
      if (count > mostTools) throw endless(cursors.size + 1, count);
      const problem = addTo(found, tool, tags);
      if (problem === null) continue;
      problems.push(problem);
      const name = (tool as { name?: unknown } | null)?.name;
      if (typeof name === "string") leftOut.push([name, problem]);
    }
    cursor = page.nextCursor;
    if (cursor !== null && (cursors.has(cursor) || cursors.size + 1 >= mostPages)) {
      throw endless(cursors.size + 1, count);
    }
    if (cursor !== null) cursors.add(cursor);
  } while (cursor !== null);
  for (const problem of problems.slice(0, mostTold)) tell(problem);
  if (problems.length > mostTold)
    tell(`${problems.length - mostTold} more of Truto's tools have such problems.`);
  const byName = new Map(leftOut.filter(([name]) => !found.has(name)));
  return { tools: [...found.values()], problems: byName };
}

/** Adds a tool to those found, or says why it, or an argument of it, is left out. */
function addTo(found: Map<string, RoutedTool>, tool: unknown, tags: readonly string[]): string | null {
  let routed: RoutedTool;
  try {
    routed = describeTool(tool, tags);
  } catch (error) {
    if (!(error instanceof ToolsetError)) throw error;
    return `${error.text} It is left out. Mend it in Truto, where the integration's tools are set up.`;
  }
  const { name } = routed.descriptor;
  const known = found.get(name);
  if (known === undefined) {
    found.set(name, routed);
    return routed.leftOut.length === 0
      ? null
      : `The tool "${name}" has arguments whose names no model's provider takes; it is offered without them.`;
  }
  const isSame = known.route.resource === routed.route.resource && known.route.method === routed.route.method;
  if (isSame) return null;
  return `Truto lists two tools named "${name}". The second is left out, because a name leads to one of them only.`;
}

function joined(option: string, words: readonly string[]): string {
  const split = words.find((word) => word.includes(","));
  if (split !== undefined) {
    throw new ToolsetError(
      "invalid_argument",
      `"${option}" of the filter holds "${split}", and Truto would read the comma as the end of a word. Give the ` +
        `words one by one.`,
    );
  }
  return [...new Set(words)].join(",");
}

function endless(pages: number, tools: number): ToolsetError {
  return new ToolsetError(
    "bad_response",
    `Truto's list of tools does not end: after ${pages} pages and ${tools} tools it goes on or gives a cursor for ` +
      `the second time. Check that "baseUrl" points at Truto, or narrow the list by "methods" or "tags".`,
    { retryable: false },
  );
}
