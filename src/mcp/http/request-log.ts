import { refusal } from "./refusal.js";
import { unknownName, type RequestFacts } from "./request-facts.js";
import { whenEnded } from "./watched-body.js";

/** What is recorded of one request: never a header, an argument, a session's id or a token. */
export interface RequestLine {
  /** When the request came, as RFC 3339 has it. */
  readonly time: string;
  /** A random id of this request. */
  readonly request: string;
  /** Which server was called, as far as that became known. */
  readonly server: string | null;
  /** Who called, as far as that became known. */
  readonly principal: string | null;
  /** The HTTP method. */
  readonly method: string;
  /** The path, without what in it may be a token, and without its query. */
  readonly path: string;
  /** The HTTP status. A stream that is cut off keeps the one that it began with. */
  readonly status: number;
  /** How long it took until the last byte was handed over or the client gave up, in milliseconds. */
  readonly ms: number;
  /** The JSON-RPC method; `(batch)` or `(answer)` where there is none. */
  readonly rpc: string | null;
  /** The tool that was called. */
  readonly tool: string | null;
  /** The protocol revision's year. */
  readonly era: "2025" | "2026" | null;
}

/** Takes the line of one request, once its answer has ended or was cut off. */
export type RequestLog = (line: RequestLine) => unknown;

/** The longest part of a path that is shown: tokens are longer. */
const longestSegment = 24;
const longestName = 128;
const longestPath = 512;

/**
 * Serves a request and records it, refusals and failures too.
 *
 * @param log - nothing is recorded without it
 * @param path - as it may be shown
 * @param serve - answers; what becomes known on the way goes into `facts`
 */
export async function logged(
  log: RequestLog | undefined,
  request: Request,
  path: string,
  serve: (facts: RequestFacts) => Promise<Response>,
): Promise<Response> {
  const facts: RequestFacts = {};
  const time = new Date().toISOString();
  const started = performance.now();
  const response = await serve(facts).catch(() =>
    refusal(500, -32603, "The server failed to answer. Try again, and tell its operator if it goes on."),
  );
  if (log === undefined) return response;
  const { status } = response;
  return whenEnded(response, () => {
    const line: RequestLine = {
      time,
      request: crypto.randomUUID(),
      server: printable(facts.server),
      principal: printable(facts.principal),
      method: printable(request.method) ?? "",
      path: printable(path, longestPath) ?? "",
      status,
      ms: Math.round(performance.now() - started),
      rpc: printable(facts.rpc),
      tool: printable(facts.tool),
      era: facts.era ?? null,
    };
    // A log that fails, at once or later, must not take an answer or the process with it.
    Promise.resolve()
      .then(() => log(line))
      .catch(() => undefined);
  });
}

/**
 * A log that has no names of tools but those that there are: in place of one, a client may have sent its token.
 *
 * @param isTool - whether a tool of that name exists for anybody
 */
export function withKnownTools(
  log: RequestLog | undefined,
  isTool: (name: string) => boolean,
): RequestLog | undefined {
  if (log === undefined) return undefined;
  return (line) => log(line.tool === null || isTool(line.tool) ? line : { ...line, tool: unknownName });
}

/** A path as it may be shown: whatever in it is long enough may be a token. */
export function shownPath(path: string): string {
  return path
    .split("/")
    .map((segment) => (segment.length > longestSegment ? "..." : segment))
    .join("/");
}

/** Text of a client as a log may have it: on one line, without anything that a terminal obeys. */
function printable(text: string | undefined, longest = longestName): string | null {
  if (text === undefined) return null;
  const shown = text.slice(0, longest).replaceAll(/[^\x20-\x7e]/g, "?");
  return text.length > longest ? `${shown}…` : shown;
}
