import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { formsOf } from "./leak-search.js";
import { someCredentials, somebody, someId } from "./credentials.js";
import { sendJson, useServer, type ReceivedRequest } from "./server.js";

/** What a source asks for, as far as a server can fail to give it. */
export type Endpoint = "token" | "revoke" | "tools" | "list" | "get" | "suspend" | "reactivate";

/** Answers one request badly, with as much of its credentials in the answer as fits. */
export type Failure = (response: ServerResponse, echo: Echo, endpoint: Endpoint) => void;

/** What a server heard of a request's credentials, in all their forms, another one first each time. */
export class Echo {
  readonly #forms: readonly string[];

  constructor(request: ReceivedRequest, turn: number) {
    const forms = [...credentialsIn(request)].flatMap((text) => [...formsOf(text).values()]);
    const start = forms.length === 0 ? 0 : turn % forms.length;
    this.#forms = [...forms.slice(start), ...forms.slice(0, start)];
  }

  /** One form alone. */
  get word(): string {
    return this.#forms[0] ?? "nothing was heard";
  }

  /** All forms, as a message. */
  get line(): string {
    return this.#forms.join(" ");
  }

  /** One form in each header that an error or an artifact may show, and in some that neither may. */
  get headers(): Record<string, string> {
    const { word } = this;
    return {
      "x-request-id": word,
      "request-id": word,
      "x-correlation-id": `id-${word}`,
      link: `<https://api.example/?next=${word}>; rel="next"`,
      deprecation: word,
      sunset: `on ${word}`,
      ratelimit: `"${word}";r=0;t=1`,
      "ratelimit-policy": word,
      "x-ratelimit-note": word,
      location: `https://elsewhere.example/?authorization=${word}`,
      "set-cookie": `session=${word}`,
      "www-authenticate": `Basic realm="${word}"`,
    };
  }
}

/** Everything of a request that must not come back out of this library. */
function* credentialsIn({ headers, body }: ReceivedRequest): Iterable<string> {
  const { authorization = "" } = headers;
  const [scheme, credentials = ""] = authorization.split(" ");
  yield authorization;
  yield credentials;
  if (scheme === "Basic") {
    const pair = Buffer.from(credentials, "base64").toString("utf8");
    const [id = "", secret = ""] = pair.split(":").map(formDecoded);
    yield* [pair, secret, `${id}:${secret}`];
  }
  const token = new URLSearchParams(body).get("token");
  if (token !== null) yield* [token, body];
}

function formDecoded(text: string): string {
  return new URLSearchParams(`text=${text}`).get("text") ?? "";
}

/** Bodies of errors, in the shapes that servers give them. */
const bodies: Record<string, (echo: Echo) => { type: string; text: string }> = {
  "a gRPC status": ({ line }) => json({ code: 3, message: line, details: [{ request: line }] }),
  "a gRPC status of one word": ({ word }) => json({ code: 7, message: word, details: [] }),
  "an OAuth error": ({ word, line }) => json({ error: word, error_description: line }),
  "a known OAuth error": ({ word, line }) =>
    json({ error: "invalid_client", error_description: line, error_uri: word }),
  "a nested error": ({ line }) => json({ error: { message: line, code: 400 } }),
  "an error of one sentence": ({ word }) => json({ error: `The credentials "${word}" were refused.` }),
  "a list": ({ line }) => json([line]),
  "plain text": ({ line }) => ({ type: "text/plain", text: line }),
  "a web page": ({ line }) => ({ type: "text/html", text: `<!doctype html><title>${line}</title>` }),
};

const statuses = [400, 401, 403, 404, 405, 408, 409, 410, 422, 429, 500, 502, 503];

/** Every status with every body. */
export const errorAnswers: Record<string, Failure> = Object.fromEntries(
  statuses.flatMap((status) =>
    Object.entries(bodies).map(([name, body]): [string, Failure] => [
      `${status} with ${name}`,
      (response, echo) => {
        const { type, text } = body(echo);
        response.writeHead(status, { ...echo.headers, "content-type": type });
        response.end(text);
      },
    ]),
  ),
);

/** Every body once, with the statuses that are told apart. */
export const someErrorAnswers: Record<string, Failure> = Object.fromEntries(
  [400, 401, 403, 404, 409, 429, 500, 503, 404].flatMap((status, index) => {
    const name = `${status} with ${Object.keys(bodies)[index] ?? ""}`;
    const failure = errorAnswers[name];
    return failure === undefined ? [] : [[name, failure]];
  }),
);

/** What goes wrong beside an honest refusal. */
export const brokenAnswers: Record<string, Failure> = {
  "an answer that works, with echoes in its headers": (response, { headers }, endpoint) =>
    sendJson(response, 200, answers[endpoint]("another.token"), headers),
  "a web page instead of JSON": (response, { line, headers }) =>
    send(response, headers, "text/html", `<p>${line}`),
  "half a JSON": (response, { line, headers }) =>
    send(
      response,
      headers,
      "application/json",
      JSON.stringify({ id: someId, display_name: line }).slice(0, -2),
    ),
  "JSON of another shape": (response, { line, word, headers }) =>
    sendJson(response, 200, { request: line, result: { [word]: line }, results: [line] }, headers),
  "no body": (response, { headers }) => {
    response.writeHead(204, headers);
    response.end();
  },
  "somebody else": (response, { line, headers }) => {
    const other = { ...somebody, id: "B".repeat(26), display_name: line };
    sendJson(
      response,
      200,
      { ...other, results: [{ ...other, email: 5 }], result: [{ ...other, id: 5 }] },
      headers,
    );
  },
  "a body that is too large, as it declares": (response, { word, headers }) => {
    response.writeHead(200, { ...headers, "content-type": "application/json", "content-length": "10000000" });
    response.write(JSON.stringify(word));
  },
  "a body that is too large, in chunks": (response, { line, headers }) => {
    response.writeHead(200, { ...headers, "content-type": "application/json" });
    response.end(line.padEnd(9_000_000, " "));
  },
  "a redirect": (response, { headers }) => {
    response.writeHead(307, headers);
    response.end();
  },
  "a connection cut before the answer": (response) => response.destroy(),
  "a connection cut within the answer": (response, { line, headers }) => {
    response.writeHead(200, { ...headers, "content-type": "application/json" });
    response.write(`{"id":${JSON.stringify(line)},`, () => response.destroy());
  },
  "no answer in time": () => undefined,
  "an answer that stalls": (response, { line, headers }) => {
    response.writeHead(200, { ...headers, "content-type": "application/json" });
    response.write(`{"id":${JSON.stringify(line)},`);
  },
  "what is no HTTP": (response, { line }) =>
    response.socket?.end(`HTTP/1.1 200 OK\r\n${line}: \x00\r\n\r\n${line}`),
  "a header beyond every bound": (response, { line }) =>
    response.socket?.end(`HTTP/1.1 200 OK\r\nx-echo: ${line.padEnd(200_000, line)}\r\n\r\n`),
  "compression that is none": (response, { line, headers }) => {
    response.writeHead(200, { ...headers, "content-type": "application/json", "content-encoding": "gzip" });
    response.end(line);
  },
  "a status beyond 599": (response, { line, headers }) => sendJson(response, 799, { message: line }, headers),
};

/** What only an endpoint that gives tokens can get wrong. */
export const brokenTokens: Record<string, Failure> = {
  "a token that no header can carry": (response, { word, headers }) =>
    sendJson(
      response,
      200,
      { access_token: `${word}\r\nx: y`, token_type: "Bearer", expires_in: 900 },
      headers,
    ),
  "a token that is not ASCII": (response, { word, headers }) =>
    sendJson(response, 200, { access_token: `ö${word}`, token_type: "Bearer" }, headers),
  "a token of another type": (response, { word, headers }) =>
    sendJson(response, 200, { access_token: word, token_type: word, expires_in: 900 }, headers),
  "a token of an unreadable lifetime": (response, { word, headers }) =>
    sendJson(response, 200, { access_token: word, token_type: "Bearer", expires_in: word }, headers),
};

/** What only a list of tools can get wrong: tools that nobody can offer, and arguments that no model can give. */
export const brokenTools: Record<string, Failure> = {
  "tools without a proper name": (response, { word, line, headers }) => {
    const tools = [{ ...trutoTool("list"), name: `list of ${word}`, description: line }, line];
    sendJson(response, 200, { result: tools }, headers);
  },
  "tools with improper arguments": (response, { word, headers }) => {
    const name = `name of ${word}`;
    const properties = { [name]: { type: "string" } };
    const tools = [
      { ...trutoTool("list"), query_schema: { type: "object", properties } },
      { ...trutoTool("get"), required: [name] },
      { ...trutoTool("suspend"), resource: name },
      { ...trutoTool("reactivate"), body_schema: { $ref: name } },
    ];
    sendJson(response, 200, { result: tools }, headers);
  },
};

/** A server that fails where it is told to, and hears every credential. */
export interface HostileServer {
  /** Here, everything works. */
  readonly baseUrl: string;
  /** A base URL at which one endpoint fails, and whether it has. */
  failing(endpoint: Endpoint, failure: Failure): { baseUrl: string; hasFailed: () => boolean };
  /** Every token that was given out begins so. */
  readonly tokenStart: string;
}

/** Starts it for one test. Cases have base URLs of their own, so that they can run at the same time. */
export async function useHostileServer(): Promise<HostileServer> {
  const cases: { endpoint: Endpoint; failure: Failure; hasFailed: boolean }[] = [];
  // Random as a real one, and with each character that RFC 6750 allows and encodings change.
  const tokenStart = `a~b+c/d.e-${randomBytes(24).toString("hex")}`;
  let turn = 0;
  const { baseUrl } = await useServer((request, response) => {
    response.on("error", () => undefined);
    const { pathname } = request.url;
    const [, number, path = pathname] = /^\/case-(\d+)(\/.*)$/.exec(pathname) ?? [];
    const current = cases[Number(number)];
    const endpoint = endpointOf(request.method, path);
    turn += 1;
    if (current?.endpoint === endpoint) {
      current.hasFailed = true;
      current.failure(response, new Echo(request, turn), endpoint);
    } else work(endpoint, `${tokenStart}${turn}==`, response);
  });
  return {
    baseUrl,
    tokenStart,
    failing(endpoint, failure) {
      const added = { endpoint, failure, hasFailed: false };
      cases.push(added);
      return { baseUrl: `${baseUrl}/case-${cases.length - 1}`, hasFailed: () => added.hasFailed };
    },
  };
}

/** Which endpoint a request is for, of either API. */
export function endpointOf(method: string, path: string): Endpoint {
  if (path.endsWith("/token")) return "token";
  if (path.endsWith("/revoke")) return "revoke";
  if (path.endsWith("/tools")) return "tools";
  if (method === "GET") return path.endsWith("/users") ? "list" : "get";
  return path.endsWith("suspend") ? "suspend" : "reactivate";
}

function work(endpoint: Endpoint, token: string, response: ServerResponse): void {
  sendJson(response, 200, answers[endpoint](token));
}

/** What each endpoint answers when it works; people and pages are those of both APIs at once. */
const answers: Record<Endpoint, (token: string) => object> = {
  token: (token) => ({ access_token: token, token_type: "bearer", expires_in: 900 }),
  revoke: () => ({}),
  tools: () => ({ result: ["list", "get", "suspend", "reactivate"].map(trutoTool), next_cursor: null }),
  list: () => ({ results: [somebody], result: [somebody], next_cursor: null }),
  get: () => somebody,
  suspend: () => ({ ...somebody, state: "SUSPENDED" }),
  reactivate: () => somebody,
};

const trutoNames: Record<string, string> = {
  list: "list_all_1_password_users",
  get: "get_single_1_password_user_by_id",
};

function trutoTool(method: string) {
  const schema = method === "list" ? {} : { type: "object", properties: { id: { type: "string" } } };
  const inQuery = method === "list" || method === "get";
  return {
    resource: "users",
    method,
    name: trutoNames[method] ?? `1_password_users_${method}`,
    description: `To ${method} users.`,
    query_schema: inQuery ? schema : {},
    body_schema: inQuery ? {} : schema,
    required: method === "list" ? [] : ["id"],
  };
}

function send(response: ServerResponse, headers: Record<string, string>, type: string, body: string): void {
  response.writeHead(200, { ...headers, "content-type": type });
  response.end(body);
}

function json(body: unknown): { type: string; text: string } {
  return { type: "application/json", text: JSON.stringify(body) };
}

/** The account that the server is for. */
export const hostileAccount = { accountId: someCredentials.accountId, integratedAccountId: "account-1" };
