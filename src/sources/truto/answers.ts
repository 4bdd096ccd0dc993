import type { AnswerMeta } from "../../call.js";
import type { FailedAnswer } from "../../http/http-failure.js";
import { comparableEmail, comparableEmailIn } from "../../email-address.js";
import { unreadableAnswer } from "../../http/http-failure.js";
import { isUser, stateAfter, type User } from "../../user.js";
import { anotherUser } from "../another-user.js";
import { jsonBody } from "../json-body.js";
import { pageCursor } from "../page-cursor.js";
import { checkPageSize } from "../page-size.js";
import type { ProxyRequest } from "./proxy-request.js";
import type { ToolRoute } from "./tool-descriptor.js";
import type { ToolPage } from "./tool-listing.js";

/** An answer of status 2xx, before anybody knows what is in it. */
export interface GoodAnswer extends Omit<FailedAnswer, "body"> {
  /** The body as it came; absent or empty where there is none. */
  readonly text: unknown;
}

/** What a call answered, and the cursor of the next page where there is one. */
export interface ReadAnswer {
  readonly data: unknown;
  readonly nextCursor: AnswerMeta["nextCursor"];
}

/**
 * Reads a page of the list of tools.
 *
 * @throws `HttpError` `bad_response` for another shape
 */
export function toolPageIn(answer: GoodAnswer): ToolPage {
  const body = jsonBody(answer.text, answer);
  return { tools: resultsIn(body, answer), nextCursor: cursorIn(body, answer) };
}

/**
 * Reads the answer to a call.
 *
 * @throws `HttpError` `bad_response` for another shape, and for another person than the one asked for
 */
export function answerIn(route: ToolRoute, request: ProxyRequest, answer: GoodAnswer): ReadAnswer {
  const { method, isAboutUsers } = route;
  const changesState = stateAfter(method) !== undefined;
  const isOfOneUser = isAboutUsers && (method === "get" || changesState);
  if (!isOfOneUser && method !== "list" && (answer.text === undefined || answer.text === "")) {
    return { data: null, nextCursor: null };
  }
  const body = jsonBody(answer.text, answer);
  if (method === "list") {
    const results = resultsIn(body, answer);
    if (isAboutUsers) {
      if (!results.every(isUser)) {
        throw unreadableAnswer(answer, 'without a list of users in "result"', { retryable: false });
      }
      checkPageSize(results, request.params.query.limit, answer);
      return {
        data: { ...(body as object), result: results.map(withKnownState) },
        nextCursor: cursorIn(body, answer),
      };
    }
    return { data: body, nextCursor: cursorIn(body, answer) };
  }
  if (isOfOneUser) {
    const outcome = changesState ? ", so that what was changed is not known" : "";
    if (!isUser(body)) throw unreadableAnswer(answer, `not with a user${outcome}`, { retryable: false });
    if (!isAskedFor(body, request)) throw anotherUser(answer, outcome);
    return { data: withKnownState(body), nextCursor: null };
  }
  return { data: body, nextCursor: null };
}

/** Whether a user is the one whom a request names, by id or by email. */
function isAskedFor({ id, email }: User, asked: ProxyRequest): boolean {
  if (asked.id !== undefined || typeof asked.email !== "string") return id === asked.id;
  return comparableEmail(email) === comparableEmailIn(asked.email);
}

/** A user with their state in the one spelling by which people are counted, found and judged here. */
function withKnownState(user: User): User {
  const state = user.state.toUpperCase();
  return state === "ACTIVE" || state === "SUSPENDED" ? { ...user, state } : user;
}

function resultsIn(body: unknown, answer: GoodAnswer): unknown[] {
  const result = (body as { result?: unknown } | null)?.result;
  if (Array.isArray(result)) return result as unknown[];
  throw unreadableAnswer(answer, 'without a list in "result"', { retryable: false });
}

function cursorIn(body: unknown, answer: GoodAnswer): string | null {
  return pageCursor((body as { next_cursor?: unknown } | null)?.next_cursor, "next_cursor", answer);
}
