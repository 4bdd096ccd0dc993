import type { ClientAuth } from "oauth4webapi";
import { base64 } from "../../http/secrets.js";

/**
 * Authenticates a client by HTTP Basic, both halves form-encoded as OAuth asks for, with the characters that RFC 3986
 * calls unreserved left as they are. Servers that form-decode the halves and servers that take them as they come then
 * read the same id and secret, as long as both are made of letters, digits, `-`, `.`, `_` and `~`.
 *
 * `ClientSecretBasic` of oauth4webapi escapes four of these as well, which only a server that decodes can read.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-2.3
 */
export function basicAuthentication(clientSecret: string): ClientAuth {
  return (_server, { client_id: clientId }, _body, headers) => {
    headers.set("authorization", `Basic ${basicCredentials(clientId, clientSecret)}`);
  };
}

/** What follows `Basic` in the `authorization` header of a client. */
export function basicCredentials(clientId: string, clientSecret: string): string {
  return base64(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`);
}

/** `encodeURIComponent` leaves five reserved characters alone, and writes a space as no form does. */
function formEncoded(text: string): string {
  // Half a character has no encoding: it goes out as the replacement character, as a browser sends it.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\u{FFFD}"))
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
