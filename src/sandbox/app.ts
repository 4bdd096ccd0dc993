import { Hono } from "hono";
import type { DocumentedRequest, SandboxApiVersion } from "./documented-requests.js";
import type { KnownRequest, SandboxEnvironment, SandboxHandler } from "./environment.js";
import { misbehave } from "./fault-step.js";
import type { Faults } from "./faults.js";
import type { RateLimitVerdict } from "./rate-limit.js";
import type { Redact } from "./redaction.js";
import { createRequestCheck } from "./request-check.js";
import { logRequests, type SandboxRequest } from "./request-log.js";
import { answer, answerLate, documentedOnly, liveVersionsOnly, withinRateLimit } from "./request-steps.js";

/** What the server is put together from. */
export interface AppParts {
  documented: readonly DocumentedRequest[];
  /** What answers each operation, by API. */
  handlers: Readonly<Record<"users" | "truto", Readonly<Record<string, SandboxHandler>>>>;
  requests: SandboxRequest[];
  violations: string[];
  redact: Redact;
  latencyMs: number;
  isLive: (version: SandboxApiVersion) => boolean;
  faults: Faults;
  /** `null` where there is no limit. */
  count: (() => RateLimitVerdict) | null;
}

/**
 * The way of every request, in this order: it is logged; held against the documentation; sent away where
 * its version is not live; made to go wrong where a fault says so; counted; and answered. Credentials are
 * looked at last, so that refused ones use up the rate limit as well.
 */
export function createApp(parts: AppParts): Hono<SandboxEnvironment> {
  const { violations, redact } = parts;
  const app = new Hono<SandboxEnvironment>();
  app.use(logRequests(parts.requests, redact));
  app.use(answerLate(parts.latencyMs));
  app.use(documentedOnly(createRequestCheck(parts.documented), violations, redact));
  app.use(liveVersionsOnly(parts.isLive));
  app.use(misbehave(parts.faults));
  if (parts.count) app.use(withinRateLimit(parts.count));
  app.all(
    "*",
    answer((request: KnownRequest, authorization) => {
      const { api, operation } = request.documented;
      const handler = parts.handlers[api][operation];
      if (!handler) throw new Error(`"${operation}" of "${api}" is documented, and nothing answers it.`);
      return handler(request, authorization);
    }),
  );
  app.onError((error) => {
    // A mistake of the sandbox itself must fail the test that meets it, as a client's would.
    violations.push(redact(`The sandbox failed: ${error.message}`));
    return new Response("The sandbox failed.", { status: 500 });
  });
  return app;
}
