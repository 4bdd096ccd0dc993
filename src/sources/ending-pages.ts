import { ToolsetError } from "../errors/toolset-error.js";
import type { DirectoryPage } from "./source.js";

/** More pages of people than any account has are taken for a list without an end. */
const maxPages = 10_000;

/** So many pages may hold nobody, one after another: a server that filters may send some. */
const maxEmptyPages = 10;

/**
 * The pages of a directory, for as long as they lead to an end.
 *
 * @throws {@link ToolsetError} `bad_response` for a cursor that comes a second time, for 10,000 pages and for more than
 * ten pages in a row that hold nobody
 */
export async function* endingPages(pages: AsyncIterable<DirectoryPage>): AsyncGenerator<DirectoryPage> {
  const cursors = new Set<string>();
  let count = 0;
  let empty = 0;
  for await (const page of pages) {
    yield page;
    const { nextCursor } = page.meta;
    if (nextCursor === null) continue;
    count += 1;
    empty = page.users.length === 0 ? empty + 1 : 0;
    if (cursors.has(nextCursor)) throw endless("gave the same page token twice");
    if (count >= maxPages) throw endless(`goes on after ${maxPages} pages`);
    if (empty > maxEmptyPages) throw endless(`goes on after ${empty} pages in a row without anybody`);
    cursors.add(nextCursor);
  }
}

function endless(what: string): ToolsetError {
  return new ToolsetError(
    "bad_response",
    `The list of users ${what}, and would never end. Try again later.`,
    {
      retryable: false,
    },
  );
}
