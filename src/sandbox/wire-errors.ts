import { STATUS_CODES } from "node:http";
import type { DocumentedRequest } from "./documented-requests.js";

const grpcCodes: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 10,
  429: 8,
  500: 13,
  501: 12,
  503: 14,
  504: 4,
};

/**
 * An error of the Users API: a gRPC status as JSON.
 *
 * @see https://grpc.io/docs/guides/status-codes/
 */
export function grpcError(status: number, message: string): Response {
  return Response.json({ code: grpcCodes[status] ?? 2, message, details: [] }, { status });
}

/**
 * An error of a token or revocation endpoint.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function oauthError(status: number, error: string, description?: string): Response {
  const body = description === undefined ? { error } : { error, error_description: description };
  const headers: Record<string, string> = { "cache-control": "no-store" };
  if (status === 401) headers["www-authenticate"] = 'Basic realm="1Password"';
  return Response.json(body, { status, headers });
}

/**
 * An error of Truto's. One that comes from 1Password is marked as such.
 *
 * @see https://truto.one/docs/api-reference/overview/errors
 */
export function trutoError(status: number, message: string, from: "truto" | "1Password" = "truto"): Response {
  const body = { statusCode: status, error: STATUS_CODES[status] ?? "Error", message };
  const remote = { truto_is_remote_error: true, raw_response: { code: grpcCodes[status] ?? 2, message } };
  return Response.json(from === "truto" ? body : { ...body, ...remote }, { status });
}

/** An error in the form that clients of this request know. */
export function errorFor(request: DocumentedRequest, status: number, message: string): Response {
  if (request.api === "truto") return trutoError(status, message);
  if (request.operation !== "token" && request.operation !== "revoke") return grpcError(status, message);
  if (status === 401) return oauthError(status, "invalid_client");
  // RFC 6749 knows no words for other statuses: those come from what stands in front of the endpoint.
  return status === 400 ? oauthError(status, "invalid_request", message) : new Response(message, { status });
}

/** A page of HTML, as a web server answers where there is no API. */
export function htmlPage(status: number): Response {
  const title = `${status} ${STATUS_CODES[status] ?? "Unknown"}`;
  const page = `<!doctype html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return new Response(page, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}
