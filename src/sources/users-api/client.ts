import createClient from "openapi-fetch";
import type { Context } from "../../call.js";
import type { ToolDescriptor } from "../../descriptor.js";
import { HttpError } from "../../errors/http-error.js";
import { isToolsetError, ToolsetError } from "../../errors/toolset-error.js";
import { exchange } from "../../http/exchange.js";
import { guardedFetch } from "../../http/guarded-fetch.js";
import { PlainRequest, sendingPlainRequests } from "../../http/plain-request.js";
import { httpFailure, isGrpcStatus, unreadableAnswer } from "../../http/http-failure.js";
import { answerMeta } from "../../http/answer-meta.js";
import { requestParts, type RequestParts } from "../../openapi/request-parts.js";
import type { OpenApiOperation } from "../../openapi/operation.js";
import { operationsFromOpenApi } from "../../openapi/operations.js";
import { endingPages } from "../ending-pages.js";
import { anotherUser } from "../another-user.js";
import { jsonBody } from "../json-body.js";
import { pageCursor } from "../page-cursor.js";
import { checkPageSize, largestPage } from "../page-size.js";
import { isUser, stateAfter, userIdPattern, type User } from "../../user.js";
import type { LoadedSource } from "../lazy-source.js";
import type { DirectoryPage, DirectoryQuery, SourceAnswer } from "../source.js";
import type { CheckedOptions } from "./options.js";
import { openSession, type Access } from "./session.js";
import { tellOfDeprecation } from "./deprecation.js";
import document from "./openapi.json" with { type: "json" };
import type { components, paths } from "./schema.js";

type UserPage = components["schemas"]["ListUsersResponse"];

const stateFilters: Partial<Record<User["state"], string>> = {
  ACTIVE: "user.isActive()",
  SUSPENDED: "user.isSuspended()",
};

/** A request as an operation of the document and its arguments make it. */
interface UsersApiRequest {
  operation: OpenApiOperation;
  parts: RequestParts;
}

/** Opens the Users API for options that were checked. */
export function openUsersApi(key: string, checked: CheckedOptions): LoadedSource {
  const { accountId, baseUrl, timeoutMs, userAgent } = checked;
  const origin = new URL(baseUrl).origin;
  const session = openSession(checked);
  const operations = operationsFromOpenApi(document);
  const client = createClient<paths>({
    fetch: sendingPlainRequests(guardedFetch(checked.fetch, "1Password")),
    Request: PlainRequest as unknown as typeof Request,
  });
  const tellOnce = tellOfDeprecation(checked.onWarning);

  function operationOf(method: string): OpenApiOperation {
    const operation = operations.find(({ descriptor }) => descriptor.method === method);
    if (operation === undefined) {
      throw new ToolsetError("invalid_argument", `The Users API has no operation "${method}".`);
    }
    return operation;
  }

  function requestFor(method: string, args: Readonly<Record<string, unknown>>): UsersApiRequest {
    // The tool's schema has checked this already; a source is also called without one.
    if ("id" in args) checkUserId(args.id);
    const operation = operationOf(method);
    return { operation, parts: requestParts(operation, args, { account: accountId }) };
  }

  async function send(request: UsersApiRequest, context: Context): Promise<SourceAnswer> {
    const { operation } = request;
    const idempotent = operation.descriptor.annotations.idempotentHint;
    let mayRefresh = true;
    let maySearch = true;
    for (;;) {
      let refused: { access: Access; body: unknown } | undefined;
      try {
        // Each attempt passes the gate: one that follows a refusal may find it closed by now.
        const { data, ...meta } = await context.send(
          async (signal) => {
            refused = undefined;
            const access = await accessOrUnsent(signal);
            if (Date.now() >= context.deadline) {
              const text = "The request was not sent: a token came only after the deadline of its call.";
              throw new ToolsetError("timeout", text, { unsent: true });
            }
            const { status, headers, body, failure } = await sendOnce(request, access, signal);
            if (failure === null) return { ...answerMeta(status, headers, access.secrets), data: body };
            refused = { access, body };
            throw failure;
          },
          { idempotent },
        );
        return { data, meta: { ...meta, nextCursor: nextPageToken(data) } };
      } catch (error) {
        if (refused === undefined || !(error instanceof HttpError)) throw error;
        const { access, body }: { access: Access; body: unknown } = refused;
        if (error.status === 401 && mayRefresh) {
          mayRefresh = false;
          session.reject(access);
          continue;
        }
        const isRouteGone = (error.status === 404 || error.status === 410) && !isGrpcStatus(body);
        if (isRouteGone && maySearch && session.routeGone(access)) {
          maySearch = false;
          continue;
        }
        throw error.status === 401 ? stillRefused(error) : error;
      }
    }
  }

  /** A token that cannot be had means that the request it is for was not sent. */
  async function accessOrUnsent(signal: AbortSignal): Promise<Access> {
    try {
      return await session.access(signal);
    } catch (error) {
      throw isToolsetError(error) ? error.withText(error.text, { unsent: true }) : error;
    }
  }

  async function sendOnce({ operation, parts }: UsersApiRequest, access: Access, signal: AbortSignal) {
    const what = `${operation.httpMethod.toUpperCase()} ${operation.path} at ${origin}`;
    const { secrets } = access;
    return exchange({ what, timeoutMs, signal, secrets }, async (exchangeSignal) => {
      // The paths of the document are the client's own; only the compiler cannot know it of a variable.
      const { data, error, response } = await client.request(
        operation.httpMethod as "get",
        operation.path as "/accounts/{account}/users",
        {
          ...parts,
          baseUrl: `${baseUrl}/${access.apiVersion}`,
          headers: { ...parts.headers, authorization: `Bearer ${access.token}`, "user-agent": userAgent },
          parseAs: "text",
          signal: exchangeSignal,
        } as never,
      );
      tellOnce(
        `${operation.httpMethod.toUpperCase()} /${access.apiVersion}${operation.path}`,
        response.headers,
        secrets,
      );
      const { status, headers } = response;
      const answer = { what, status, headers, secrets };
      if (!response.ok)
        return { status, headers, body: error as unknown, failure: httpFailure({ ...answer, body: error }) };
      const body = jsonBody(data, answer);
      checkShape(operation.descriptor, body, parts, answer);
      return { status, headers, body, failure: null };
    });
  }

  return {
    key,
    list: () => Promise.resolve(operations.map(({ descriptor }) => descriptor)),
    call: async ({ method }, args, context) => send(requestFor(method, args), context),
    readUser: async (id, context) => (await send(requestFor("get", { id }), context)).data as User,
    readUsers: (query, context) => endingPages(pagesOf(query, context)),
    close: () => session.close(),
  };

  async function* pagesOf(query: DirectoryQuery, context: Context): AsyncGenerator<DirectoryPage> {
    let cursor: string | null = query.cursor ?? null;
    do {
      const args: Record<string, unknown> = listArguments(query, cursor);
      const { data, meta }: SourceAnswer = await send(requestFor("list", args), context);
      yield {
        users: (data as UserPage).results as User[],
        meta,
        narrowedBy: narrowedBy(query),
      } satisfies DirectoryPage;
      cursor = meta.nextCursor;
    } while (cursor !== null);
  }
}

function stillRefused(failure: HttpError): HttpError {
  return failure.withText(
    `${failure.text} A new token was refused as well. Check that "accountId" is the account that the OAuth ` +
      `application belongs to, and "region" or "baseUrl" its own.`,
  );
}

function listArguments({ state }: DirectoryQuery, cursor: string | null): Record<string, unknown> {
  const filter = state === undefined ? undefined : stateFilters[state];
  return {
    max_page_size: largestPage,
    ...(filter === undefined ? {} : { filter }),
    ...(cursor === null ? {} : { page_token: cursor }),
  };
}

function narrowedBy({ state }: DirectoryQuery): ("state" | "email")[] {
  return state !== undefined && stateFilters[state] !== undefined ? ["state"] : [];
}

function checkUserId(id: unknown): void {
  if (typeof id === "string" && userIdPattern.test(id)) return;
  throw new ToolsetError(
    "invalid_argument",
    `"id" is not a user id: an id is 26 upper-case letters and digits, as find and list show it. Nothing was sent.`,
  );
}

function nextPageToken(data: unknown): string | null {
  const token = (data as { next_page_token?: string | null } | null)?.next_page_token;
  return token === undefined || token === "" ? null : token;
}

function checkShape(
  { method }: ToolDescriptor,
  body: unknown,
  parts: RequestParts,
  answer: Parameters<typeof unreadableAnswer>[0],
): void {
  if (method === "list") {
    const results = (body as { results?: unknown } | null)?.results;
    if (!Array.isArray(results) || !results.every(isUser)) {
      throw unreadableAnswer(answer, 'without a list of users in "results"', { retryable: false });
    }
    checkPageSize(results, parts.params.query.max_page_size, answer);
    pageCursor((body as { next_page_token?: unknown }).next_page_token, "next_page_token", answer);
    return;
  }
  if (!isUser(body)) throw unreadableAnswer(answer, "not with a user", { retryable: false });
  if (body.id !== parts.params.path.user) {
    const wanted = stateAfter(method) === undefined ? "" : ", so that what was changed is not known";
    throw anotherUser(answer, wanted);
  }
}
