import type * as z from "zod";
import type { Refusal } from "./refusal.js";

/** Something that a request body has wrong: where (`tools[0].name`) and what. */
export interface BodyFault {
  readonly path: string;
  readonly message: string;
  /** The fields that do not belong there, where that is the fault. */
  readonly unknownKeys: readonly string[];
}

/**
 * Reads a request body by its schema.
 *
 * @throws Refusal, as `refuse` words it, for the first fault.
 */
export function parseBody<Body>(
  schema: z.ZodType<Body>,
  body: unknown,
  refuse: (fault: BodyFault) => Refusal,
): Body {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = deepest(parsed.error.issues[0]!);
  throw refuse({
    path: writePath(issue.path),
    message: issue.message,
    unknownKeys: issue.code === "unrecognized_keys" ? issue.keys : [],
  });
}

/** `["tools", 0, "name"]` as `tools[0].name`. */
export function writePath(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "");
}

// Of a union's branches the one that got furthest is the one that was meant.
function deepest(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flatMap((branch) => branch.slice(0, 1).map(deepest));
  const furthest = inner.sort((a, b) => b.path.length - a.path.length)[0];
  if (furthest === undefined || furthest.path.length === 0) return issue;
  return { ...furthest, path: [...issue.path, ...furthest.path] };
}
