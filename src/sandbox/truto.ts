import type { Account, StateChange } from "./account.js";
import { bearerOf } from "./authorization.js";
import type { SandboxCredentials } from "./credentials.js";
import type { Cursors } from "./cursors.js";
import type { SandboxOperation, SandboxTrutoFilter } from "./documented-requests.js";
import type { KnownRequest, SandboxHandler } from "./environment.js";
import { isAskedFor, trutoTools } from "./truto-tools.js";
import { toWire, type SandboxUser } from "./users.js";
import { trutoError } from "./wire-errors.js";

/** What Truto's API works on. */
export interface TrutoParts {
  account: Account;
  credentials: SandboxCredentials;
  cursors: Cursors;
  filters: readonly SandboxTrutoFilter[];
}

/** Small, so that whoever reads the first page of tools alone is found out. */
const toolsOnAPage = 2;

/**
 * Truto's endpoints in front of the same account. Its credentials may do everything: what the OAuth
 * application of the Users API was allowed does not bind them.
 *
 * Where Truto's pages are silent, this server answers: suspending the suspended, and reactivating the
 * active, with a 409 (the Users API itself calls neither an error); a list without a limit with 25 people;
 * a limit out of bounds and a changed cursor with a 400; `prev_cursor` with `null`.
 *
 * @see https://truto.one/docs/guides/tools/overview
 */
export function createTruto(
  parts: TrutoParts,
): Readonly<Record<Exclude<SandboxOperation, "token" | "revoke">, SandboxHandler>> {
  const { account, credentials, cursors, filters } = parts;
  const tools = trutoTools(filters);

  const forKey =
    (
      accountOf: (request: KnownRequest) => string | undefined,
      handler: (request: KnownRequest) => Response,
    ): SandboxHandler =>
    (request, authorization) => {
      if (bearerOf(authorization) !== credentials.trutoApiKey) return trutoError(401, "Invalid API token");
      const id = accountOf(request);
      if (id === undefined || id === "") return trutoError(400, "integrated_account_id is required");
      if (id !== credentials.integratedAccountId) return trutoError(404, "Integrated account not found");
      return handler(request);
    };
  const forQuery = (handler: (request: KnownRequest) => Response) =>
    forKey(({ query }) => query.integrated_account_id, handler);

  return {
    tools: forKey(
      ({ parameters }) => parameters.account,
      ({ query }) => {
        const { methods = "", tags = "", next_cursor: cursor = "" } = query;
        const asked = tools.filter((tool) => isAskedFor(tool, wordsOf(methods), wordsOf(tags)));
        const list = JSON.stringify(["tools", methods, tags]);
        const start = cursor === "" ? 0 : cursors.open(cursor, list);
        if (start === null) return trutoError(400, "Invalid next_cursor");
        const end = start + toolsOnAPage;
        const next = end < asked.length ? cursors.seal(end, list) : null;
        return Response.json({ result: asked.slice(start, end), next_cursor: next });
      },
    ),
    list: forQuery(({ query }) => {
      const { limit = "25", next_cursor: cursor = "", email, state } = query;
      if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > 1000) {
        return trutoError(400, "limit must be between 1 and 1000");
      }
      if (state !== undefined && state !== "ACTIVE" && state !== "SUSPENDED") {
        return trutoError(400, "state must be ACTIVE or SUSPENDED");
      }
      const list = JSON.stringify(["proxied people", email, state]);
      const start = cursor === "" ? 0 : cursors.open(cursor, list);
      if (start === null) return trutoError(400, "Invalid next_cursor");
      const wanted = email?.toLowerCase();
      const matches = (user: SandboxUser) =>
        (state === undefined || user.state === state) &&
        (wanted === undefined || user.email.toLowerCase() === wanted);
      const { users, next } = account.page(matches, start, Number(limit));
      return Response.json({
        result: users.map(toWire),
        next_cursor: next === null ? null : cursors.seal(next, list),
        prev_cursor: null,
        limit: Number(limit),
        result_count: users.length,
      });
    }),
    get: forQuery(({ parameters }) => {
      const user = account.find(parameters.user ?? "");
      return user ? Response.json(toWire(user)) : trutoError(404, "not_found", "1Password");
    }),
    suspend: forQuery(({ body }) => change(account, body.id, "SUSPENDED")),
    reactivate: forQuery(({ body }) => change(account, body.id, "ACTIVE")),
  };
}

function wordsOf(list: string): string[] {
  return list.split(",").filter((word) => word !== "");
}

function change(account: Account, id: unknown, state: "ACTIVE" | "SUSPENDED"): Response {
  if (typeof id !== "string" || id === "") return trutoError(400, "id is required");
  return changeAnswer(account.setState(id, state), state);
}

function changeAnswer(result: StateChange, state: "ACTIVE" | "SUSPENDED"): Response {
  switch (result.kind) {
    case "changed":
      return Response.json(toWire(result.user));
    case "unchanged":
      return trutoError(409, `User is already ${state === "ACTIVE" ? "active" : "suspended"}`);
    case "refused":
      return trutoError(403, result.obstacle, "1Password");
    case "unknown":
      return trutoError(404, "not_found", "1Password");
  }
}
