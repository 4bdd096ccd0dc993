import createClient from "openapi-fetch";
import type { Context, Send } from "../../call.js";
import type { JsonSchema, ToolDescriptor } from "../../descriptor.js";
import type { HttpError } from "../../errors/http-error.js";
import { ToolsetError } from "../../errors/toolset-error.js";
import type { ToolFilter } from "../../filter.js";
import { answerMeta, type HeaderMeta } from "../../http/answer-meta.js";
import { exchange } from "../../http/exchange.js";
import { guardedFetch } from "../../http/guarded-fetch.js";
import { httpFailure } from "../../http/http-failure.js";
import { PlainRequest, sendingPlainRequests } from "../../http/plain-request.js";
import type { User } from "../../user.js";
import { withoutSecrets } from "../../http/secrets.js";
import { version } from "../../version.js";
import type { LoadedSource } from "../lazy-source.js";
import { endingPages } from "../ending-pages.js";
import { largestPage } from "../page-size.js";
import type { DirectoryPage, DirectoryQuery, SourceAnswer } from "../source.js";
import { answerIn, toolPageIn, type GoodAnswer } from "./answers.js";
import { filteredHere, ignoredFilters, type PeopleFilter } from "./ignored-filters.js";
import { DirectoryMemory } from "./directory-tools.js";
import type { CheckedTrutoOptions } from "./options.js";
import { proxyRequest } from "./proxy-request.js";
import type { paths } from "./schema.js";
import type { RoutedTool } from "./tool-descriptor.js";
import { readTools, trutoWords } from "./tool-listing.js";

const toolsPath = "GET /integrated-account/{id}/tools";

/** What `openapi-fetch` resolves with, as far as it is used here. */
interface Exchanged {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly response: Response;
}

/** What every request carries. */
interface RequestInit {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parseAs: "text";
  readonly signal: AbortSignal;
}

const neverAborted = new AbortController().signal;

const sendAtOnce =
  (signal: AbortSignal): Send =>
  (request) =>
    request(signal);

/** Opens an integrated account for options that were checked. */
export function openTruto(key: string, checked: CheckedTrutoOptions): LoadedSource {
  const { readKey, integratedAccountId, baseUrl, timeoutMs } = checked;
  const { origin } = new URL(baseUrl);
  const client = createClient<paths>({
    fetch: sendingPlainRequests(guardedFetch(checked.fetch, "Truto")),
    Request: PlainRequest as unknown as typeof Request,
  });
  const listed = new Map<string, RoutedTool>();
  /** Why tools are left out, by name. */
  const problems = new Map<string, string>();
  const directory = new DirectoryMemory((context) =>
    listTools({ methods: ["read"] }, context.signal, context.send),
  );
  const told = new Set<string>();

  let secrets: readonly string[] = [];

  function tellOnce(text: string): void {
    const message = withoutSecrets(text, secrets);
    if (told.has(message)) return;
    told.add(message);
    checked.onWarning(message);
  }

  /** Sends one request, and reads its answer. A 401 is final: the same key would be refused again. */
  async function ask<Read>(
    path: string,
    signal: AbortSignal,
    request: (init: RequestInit) => Promise<Exchanged>,
    read: (answer: GoodAnswer) => Read,
  ): Promise<HeaderMeta & { read: Read }> {
    const apiKey = await readKey();
    const what = `${path} at ${origin}`;
    if (secrets[0] !== apiKey) secrets = [apiKey];
    return exchange({ what, timeoutMs, signal, secrets }, async (exchangeSignal) => {
      const { data, error, response } = await request({
        baseUrl,
        headers: { authorization: `Bearer ${apiKey}`, "user-agent": `langchain-1password/${version}` },
        parseAs: "text",
        signal: exchangeSignal,
      });
      const { status, headers } = response;
      const answer = { what, status, headers, secrets };
      if (!response.ok) throw withHint(httpFailure({ ...answer, body: error }), path);
      return { ...answerMeta(status, headers, secrets), read: read({ ...answer, text: data }) };
    });
  }

  async function listTools(filter: ToolFilter, signal: AbortSignal, send: Send): Promise<RoutedTool[]> {
    const words = trutoWords(filter);
    const readPage = async (cursor: string | null) => {
      signal.throwIfAborted();
      const query = { ...words, ...(cursor === null ? {} : { next_cursor: cursor }) };
      const params = { path: { id: integratedAccountId }, query };
      const page = await send(
        (sendSignal) =>
          ask(
            toolsPath,
            sendSignal,
            (init) => client.GET("/integrated-account/{id}/tools", { params, ...init }),
            toolPageIn,
          ),
        { idempotent: true },
      );
      return page.read;
    };
    const read = await readTools(readPage, filter.tags ?? [], tellOnce);
    for (const tool of read.tools) {
      listed.set(tool.descriptor.name, tool);
      problems.delete(tool.descriptor.name);
    }
    for (const [name, problem] of read.problems) problems.set(name, withoutSecrets(problem, secrets));
    return read.tools;
  }

  function routed({ name, method }: ToolDescriptor): RoutedTool {
    const tool = listed.get(name);
    // A tool that has become another one since must not be called by what is known of the old one.
    if (tool?.route.method === method) return tool;
    throw new ToolsetError(
      "invalid_argument",
      `"${name}" is not a tool that this source has listed${tool === undefined ? "" : " last"}. List the tools again, ` +
        `and call those. Nothing was sent.`,
    );
  }

  async function call(
    { descriptor, route }: RoutedTool,
    args: Readonly<Record<string, unknown>>,
    context: Context,
  ): Promise<SourceAnswer> {
    const request = proxyRequest(route, args, integratedAccountId);
    const { httpMethod, path, params, body } = request;
    const { read, ...meta } = await context.send(
      (signal) =>
        ask(
          `${httpMethod.toUpperCase()} ${shownPath(path, route.resource, httpMethod === "post" ? route.method : "{id}")}`,
          signal,
          // The paths are the document's own; only the compiler cannot know it of a variable.
          (init) =>
            client.request(
              httpMethod as "get",
              path as "/proxy/{resource}",
              {
                params,
                ...(body === undefined ? {} : { body }),
                ...init,
              } as never,
            ),
          (answer) => answerIn(route, request, answer),
        ),
      { idempotent: descriptor.annotations.idempotentHint },
    );
    return { data: read.data, meta: { ...meta, nextCursor: read.nextCursor } };
  }

  return {
    key,
    async list(filter, signal = neverAborted, send = sendAtOnce(signal)) {
      const tools = await listTools(filter, signal, send);
      if (filter.methods === undefined && filter.tags === undefined) directory.remember(tools);
      return tools.map(({ descriptor }) => descriptor);
    },
    async call(descriptor, args, context) {
      const tool = routed(descriptor);
      const answer = await call(tool, args, context);
      if (!tool.route.isAboutUsers || tool.route.method !== "list") return answer;
      const body = answer.data as { result: User[] };
      const ignored = ignoredFilters(body.result, args);
      if (ignored.length === 0) return answer;
      const { users, note } = filteredHere(body.result, args, ignored);
      return { ...answer, data: { ...body, result: users }, note };
    },
    async readUser(id, context) {
      const tool = await directory.tool("get", context);
      return (await call(tool, { id }, context)).data as User;
    },
    readUsers: (query, context) => endingPages(pagesOf(query, context)),
    leftOut: (name) => problems.get(name),
  };

  async function* pagesOf(query: DirectoryQuery, context: Context): AsyncGenerator<DirectoryPage> {
    const tool = await directory.tool("list", context);
    const { args, narrowedBy } = narrowing(tool, query);
    const ignored = new Set<PeopleFilter>();
    let cursor: string | null = query.cursor ?? null;
    do {
      const page: Readonly<Record<string, unknown>> =
        cursor === null ? args : { ...args, next_cursor: cursor };
      const { data, meta }: SourceAnswer = await call(tool, page, context);
      const users = (data as { result: User[] }).result;
      for (const filter of ignoredFilters(users, args)) ignored.add(filter);
      yield {
        users,
        meta,
        narrowedBy: narrowedBy.filter((filter) => !ignored.has(filter)),
        ignored: [...ignored],
      };
      cursor = meta.nextCursor;
    } while (cursor !== null);
  }
}

/** What of a query the account's list tool offers to narrow by, and the largest page that it gives. */
function narrowing({ descriptor }: RoutedTool, query: DirectoryQuery) {
  const { properties } = descriptor.inputSchema;
  const narrowedBy: ("state" | "email")[] = [];
  if (query.email !== undefined && isText(properties.email)) narrowedBy.push("email");
  // Without a list of its words, a state that the server calls otherwise would look like nobody at all.
  if (query.state !== undefined && isOneOf(properties.state, query.state)) narrowedBy.push("state");
  const most = properties.limit?.maximum;
  const args: Record<string, unknown> = {
    limit: typeof most === "number" ? Math.min(most, largestPage) : largestPage,
  };
  for (const name of narrowedBy) args[name] = query[name];
  return { args, narrowedBy };
}

function isText(schema: JsonSchema | undefined): boolean {
  return schema !== undefined && (schema.type === undefined || schema.type === "string");
}

function isOneOf(schema: JsonSchema | undefined, value: string): boolean {
  return Array.isArray(schema?.enum) && schema.enum.includes(value);
}

function shownPath(path: string, resource: string, last: string): string {
  return path.replace("{resource}", resource).replace("{id_or_method}", last);
}

/** Names the option to look at, which the answer itself cannot know. */
function withHint(failure: HttpError, path: string): HttpError {
  if (failure.code === "unauthorized") {
    return failure.withText(
      `${failure.text} Check "apiKey" against the keys of your Truto environment; the same key will be refused again.`,
    );
  }
  if (failure.code === "not_found" && path === toolsPath) {
    return failure.withText(
      `${failure.text} Check "integratedAccountId", and that the key is of its environment.`,
    );
  }
  return failure;
}
