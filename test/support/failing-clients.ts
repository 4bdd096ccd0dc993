import { endpointOf, type Endpoint } from "./hostile-server.js";

type Fetch = typeof globalThis.fetch;

/** What a wrapper of `fetch` knows of a request. */
interface KnownRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A `fetch` of the user's own that breaks, and is careless with what it was given. */
export const failingFetches: Record<string, (request: KnownRequest) => Response> = {
  "an error with the request in its message": (request) => {
    throw new Error(`could not send ${JSON.stringify(request)}`);
  },
  "an error that carries the request": (request) => {
    throw Object.assign(new TypeError("fetch failed"), {
      code: request.headers.authorization,
      config: request,
      request: { _header: Object.entries(request.headers).map(String) },
      toJSON: () => request,
    });
  },
  "an error whose name, stack and causes carry the request": (request) => {
    const text = JSON.stringify(request);
    const cause = new AggregateError([new Error(text), text], text, { cause: request });
    throw Object.assign(new Error("sending failed", { cause: new Error(text, { cause }) }), {
      name: `Error of ${text}`,
      stack: `Error: ${text}\n    at send (${text})`,
    });
  },
  "the request as a text": (request) => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- people do
    throw JSON.stringify(request);
  },
  "the request itself": (request) => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- people do
    throw request;
  },
  nothing: () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- people do
    throw undefined;
  },
  "an error while the answer is read": (request) => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error(`reading broke after ${JSON.stringify(request)}`)),
    });
    return new Response(body, { headers: { "content-type": "application/json", "content-length": "10" } });
  },
  "an answer that is none": (request) => ({ ...request, ok: true, status: 200 }) as unknown as Response,
};

/** A `fetch` that breaks for one endpoint and works for the others, and whether it has. */
export function failingFor(
  endpoint: Endpoint,
  fail: (request: KnownRequest) => Response,
): { fetch: Fetch; hasFailed: () => boolean } {
  let hasFailed = false;
  const breaking: Fetch = async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { method = "GET" } = input instanceof Request ? input : init;
    if (endpointOf(method, url.pathname) !== endpoint) return fetch(input, init);
    hasFailed = true;
    const headers = new Headers(input instanceof Request ? input.headers : init.headers);
    const body =
      init.body instanceof URLSearchParams ? init.body.toString() : JSON.stringify(init.body ?? "");
    return fail({ url: url.href, method, headers: Object.fromEntries(headers), body });
  };
  return { fetch: breaking, hasFailed: () => hasFailed };
}

/** A function that is asked for the secret and does not give it, or gives something else with it. */
export const failingSecrets: Record<string, (secret: string) => () => string | Promise<string>> = {
  "throws an error with the secret": (secret) => () => {
    throw Object.assign(new Error(`the vault gave ${secret}, which is out of date`), { entry: { secret } });
  },
  "is rejected with an error that has it as its cause": (secret) => () =>
    Promise.reject(new Error("the vault is closed", { cause: { secret, text: JSON.stringify({ secret }) } })),
  "throws an object with the secret": (secret) => () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- people do
    throw { secret };
  },
  "gives it with a line break": (secret) => () => `${secret}\n`,
  "gives an object with it": (secret) => (() => ({ secret })) as unknown as () => string,
  "gives it once": (secret) => {
    let isGiven = false;
    return () => {
      if (isGiven) throw new Error(`no second ${secret}`);
      isGiven = true;
      return secret;
    };
  },
};
