import { pause } from "./clock.js";
import type { SandboxApiVersion } from "./documented-requests.js";
import { leaveUnanswered, type KnownRequest, type SandboxContext, type SandboxStep } from "./environment.js";
import type { RateLimitVerdict } from "./rate-limit.js";
import type { Redact } from "./redaction.js";
import type { RequestCheck } from "./request-check.js";
import { errorFor, grpcError, htmlPage } from "./wire-errors.js";

/** Lets every answer wait, as a network would. The operation has taken effect by then. */
export function answerLate(latencyMs: number): SandboxStep {
  return async (_context, next) => {
    await next();
    await pause(latencyMs);
  };
}

/** Lets only documented requests through. All else is written down, and answered with a 400. */
export function documentedOnly(check: RequestCheck, violations: string[], redact: Redact): SandboxStep {
  return async (context, next) => {
    const { method = "", url = "", headers } = context.env.incoming;
    const body = await readBody(context);
    if (body === null) {
      leaveUnanswered(context);
      return undefined;
    }
    const checked = check({ method, target: url, headers, body });
    if (checked.kind === "violation") {
      const sentences = checked.sentences.map(redact);
      violations.push(...sentences);
      const message = sentences.join(" ");
      return checked.documented ? errorFor(checked.documented, 400, message) : grpcError(400, message);
    }
    context.set("known", checked.request);
    return next();
  };
}

/** Answers for routes of a version that is not live as a web server that has never heard of them. */
export function liveVersionsOnly(isLive: (version: SandboxApiVersion) => boolean): SandboxStep {
  return async (context, next) => {
    const { version } = context.get("known").documented;
    return version === null || isLive(version) ? next() : htmlPage(404);
  };
}

/** Counts every request about the account, allowed or not, and tells the limit with its answer. */
export function withinRateLimit(count: () => RateLimitVerdict): SandboxStep {
  return async (context, next) => {
    const { documented } = context.get("known");
    if (["token", "revoke", "tools"].includes(documented.operation)) return next();
    const { allowed, headers } = count();
    if (allowed) await next();
    else context.res = errorFor(documented, 429, "rate limit exceeded");
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
    return undefined;
  };
}

/** Hands the request to what answers it. */
export function answer(
  handle: (request: KnownRequest, authorization: string | undefined) => Response,
): (context: SandboxContext) => Response {
  return (context) => handle(context.get("known"), context.env.incoming.headers.authorization);
}

/** The body as text; `null` where the client went away in the middle of it. */
async function readBody(context: SandboxContext): Promise<string | null> {
  const { headers } = context.env.incoming;
  const length = headers["content-length"] ?? "0";
  if (length === "0" && headers["transfer-encoding"] === undefined) return "";
  // Read past Hono, which takes no body off a GET: one that was sent all the same is what is looked for.
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of context.env.incoming) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString("utf8");
}
