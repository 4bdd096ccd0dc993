import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** What came back. */
export interface RawAnswer {
  status: number;
  headers: IncomingMessage["headers"];
  body: string;
}

/** Sends what no `fetch` would send: any method, Host and body, in pieces if wanted. */
export async function sendRaw(
  url: string,
  {
    method = "POST",
    headers = {},
    body = [],
  }: { method?: string; headers?: Record<string, string>; body?: (string | Uint8Array)[] },
): Promise<RawAnswer> {
  const request = httpRequest(url, { method, headers });
  for (const piece of body) request.write(piece);
  request.end();
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}
