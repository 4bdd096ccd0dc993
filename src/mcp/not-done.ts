import type { ToolErrorArtifact } from "../errors/error-answer.js";
import type { ToolsetTool } from "../tool.js";
import type { StillAsked } from "./still-asked.js";

/** Names that a list tool's cursor goes by. */
const cursorArguments = ["page_token", "next_cursor", "cursor"];

/**
 * What a model reads of a call that came back before it was done: the error, and for a list where to go on. The last
 * line stays what it is, for programs.
 */
export function unfinished(
  { descriptor }: ToolsetTool,
  args: Readonly<Record<string, unknown>>,
  text: string,
  artifact: ToolErrorArtifact | undefined,
): string {
  const { code, retryAfterMs } = artifact?.error ?? {};
  if (code !== "rate_limited" && code !== "timeout") return text;
  // Of a write that may have arrived, its own text says what is known.
  if (descriptor.kind === "write" && !/nothing was changed/i.test(text)) return text;
  const name = cursorArguments.find((one) => one in descriptor.inputSchema.properties);
  const cursor = name === undefined ? undefined : args[name];
  const when = retryAfterMs == null ? "later" : `in ${Math.ceil(retryAfterMs / 1000)} s or later`;
  const from = typeof cursor === "string" ? `, with ${String(name)} exactly ${JSON.stringify(cursor)}` : "";
  const [last = "", ...lines] = text.split("\n").reverse();
  return [...lines.reverse(), `Not done. To go on, make the same call again ${when}${from}.`, last].join(
    "\n",
  );
}

/** What a model reads of a call that only looks and took too long. */
export function tooSlow(
  tool: ToolsetTool,
  args: Readonly<Record<string, unknown>>,
  patienceMs: number,
): string {
  const text =
    `No whole answer came within ${Math.ceil(patienceMs / 1000)} s, and the call was given up.\n` +
    '{"code":"timeout","retryable":true,"retry_after_s":null}';
  const error = {
    code: "timeout",
    status: null,
    retryable: true,
    retryAfterMs: null,
    requestId: null,
  } as const;
  return unfinished(tool, args, text, { error });
}

/** What a model reads of a call whose question is still open somewhere else than in its client. */
export function stillAsked({ retryAfterMs }: StillAsked): string {
  const seconds = Math.ceil(retryAfterMs / 1000);
  return (
    "Not done: the operator was asked to approve this, and has not answered yet. Nothing was changed. Next: make the " +
    `same call again in ${seconds} s or later, which finds the answer; until then, report it as waiting for approval.\n` +
    JSON.stringify({ code: "approval_required", retryable: true, retry_after_s: seconds })
  );
}
