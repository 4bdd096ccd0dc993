import {
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from "@modelcontextprotocol/server";
import { refuseOption, shownOption } from "../../option-error.js";
import { refusal } from "./refusal.js";

/** Under which names a server is reached, and from which web pages. */
export interface RequestCheckOptions {
  /**
   * The host names under which the server is reached, without port; IPv6 addresses in brackets. A web page whose
   * own name was made to point here (DNS rebinding) is known by the name that its requests carry.
   *
   * @default ["localhost", "127.0.0.1", "[::1]"]
   */
  allowedHosts?: readonly string[] | undefined;
  /**
   * The host names of web pages that may call the server, without scheme and port. Only browsers say where a
   * request comes from; it does not apply to other clients.
   *
   * @default ["localhost", "127.0.0.1", "[::1]"]
   */
  allowedOrigins?: readonly string[] | undefined;
}

/** Names of {@link RequestCheckOptions}. */
export const requestCheckNames: readonly (keyof RequestCheckOptions)[] = ["allowedHosts", "allowedOrigins"];

/**
 * Tells where a request was sent to and which page sent it, before anything else is looked at.
 *
 * @returns a function that gives the refusal (403), or `undefined` for a request that may go on
 * @throws {@link ToolsetError} `invalid_argument` for a name that could never match
 */
export function requestCheck({
  allowedHosts,
  allowedOrigins,
}: RequestCheckOptions): (request: Request) => Response | undefined {
  const hosts = hostNames("allowedHosts", allowedHosts) ?? localhostAllowedHostnames();
  const origins = hostNames("allowedOrigins", allowedOrigins) ?? localhostAllowedOrigins();
  return ({ headers, url }) => {
    // HTTP/2 has no Host header: there, the URL has what the client asked for.
    if (!validateHostHeader(headers.get("host") ?? new URL(url).host, hosts).ok) {
      const message =
        "The server is not known by the host name of this request. Its operator allows one with " +
        "allowedHosts (--allowed-hosts).";
      return refusal(403, -32000, message);
    }
    if (!validateOriginHeader(headers.get("origin"), origins).ok) {
      const message =
        "Web pages of this origin may not call the server. Its operator allows one with " +
        "allowedOrigins (--allowed-origins).";
      return refusal(403, -32000, message);
    }
    return undefined;
  };
}

function hostNames(option: string, given: readonly string[] | undefined): string[] | undefined {
  if (given === undefined) return undefined;
  const fix = "Give host names without scheme, port and path, such as tools.example.com.";
  if (!Array.isArray(given)) throw refuseOption(option, `is ${shownOption(given)}`, fix);
  return given.map((name: unknown) => {
    const shown = shownOption(name);
    if (typeof name !== "string" || !isHostName(name)) throw refuseOption(option, `holds ${shown}`, fix);
    return name.toLowerCase();
  });
}

function isHostName(name: string): boolean {
  try {
    return !name.includes("*") && new URL(`http://${name}`).hostname === name.toLowerCase();
  } catch {
    return false;
  }
}
