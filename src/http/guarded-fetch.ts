import { ToolsetError } from "../errors/toolset-error.js";

/** The part of `fetch` that this library uses. */
export type Fetch = (input: Request | string | URL, init?: RequestInit) => Promise<Response>;

/** The largest answer that is read, in bytes: a page of 1,000 people takes about 300 kB. */
export const maxAnswerBytes = 8 * 1024 * 1024;

/**
 * A `fetch` that follows no redirect and reads no endless answer. A followed redirect would carry the
 * credentials of a token request to wherever the answer points.
 *
 * @param fetch - what sends; the global `fetch` at the time of the call where none is given
 * @param service - whose answers these are, for the errors
 */
export function guardedFetch(fetch: Fetch | undefined, service: string): Fetch {
  return async (input, init) => {
    const send = fetch ?? globalThis.fetch;
    const response = await send(input, { ...init, redirect: "manual" });
    // A browser hides a redirect that it was told not to follow behind status 0.
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      response.body?.cancel().catch(ignore);
      throw new ToolsetError(
        "bad_response",
        `${service} answered with a redirect (status ${response.status}), and none is followed, because the ` +
          `request carries credentials. Set "baseUrl" to the address that answers itself.`,
      );
    }
    return withBoundedBody(response, service);
  };
}

/** For what is given up on: a connection that breaks as well is nobody's failure. */
const ignore = (): void => undefined;

function withBoundedBody(response: Response, service: string): Response {
  if (response.body === null) return response;
  const declared = Number(response.headers.get("content-length") ?? Number.NaN);
  if (declared > maxAnswerBytes) {
    response.body.cancel().catch(ignore);
    throw tooLarge(service);
  }
  // HTTP itself holds a body to its declared length, unless that is the length of something compressed.
  if (declared <= maxAnswerBytes && !response.headers.has("content-encoding")) return response;
  let seen = 0;
  const bounded = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        seen += chunk.byteLength;
        if (seen > maxAnswerBytes) controller.error(tooLarge(service));
        else controller.enqueue(chunk);
      },
    }),
  );
  return new Response(bounded, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}

function tooLarge(service: string): ToolsetError {
  return new ToolsetError(
    "bad_response",
    `${service} answered with more than ${maxAnswerBytes / 1024 / 1024} MiB, which was not read to its end. ` +
      `Ask for a smaller page, or check that "baseUrl" points at the API.`,
  );
}
