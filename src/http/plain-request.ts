import type { Fetch } from "./guarded-fetch.js";

/**
 * What `openapi-fetch` makes of a request, in place of the platform's `Request`: `fetch` would copy that once
 * more, which is the dearest step of a small exchange.
 */
export class PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly init: RequestInit;

  constructor(url: string, init: RequestInit) {
    this.url = url;
    this.method = init.method ?? "GET";
    this.init = init;
  }
}

/** Sends a {@link PlainRequest} by a `fetch` that is given its URL and init. */
export function sendingPlainRequests(fetch: Fetch): (request: Request) => Promise<Response> {
  return (request) => {
    const { url, init } = request as unknown as PlainRequest;
    return fetch(url, init);
  };
}
