import type { SandboxCredentials } from "./credentials.js";

/** The token of a `Bearer` authorization; `null` for any other. */
export function bearerOf(authorization: string | undefined): string | null {
  return /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization ?? "")?.[1] ?? null;
}

/**
 * Whether an authorization is HTTP Basic with the client's id and secret, each of them form-encoded.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function isBasicOf(client: SandboxCredentials, authorization: string | undefined): boolean {
  const encoded = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return false;
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  return formDecode(id) === client.clientId && formDecode(secret) === client.clientSecret;
}

function formDecode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null;
  }
}
