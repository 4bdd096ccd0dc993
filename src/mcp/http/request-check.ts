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
   * The host names of web pages that may call the server, without scheme and port; they get the CORS headers, no
   * other page does. Only browsers say where a request comes from; it does not apply to other clients.
   *
   * @default ["localhost", "127.0.0.1", "[::1]"]
   */
  allowedOrigins?: readonly string[] | undefined;
}

/** Names of {@link RequestCheckOptions}. */
export const requestCheckNames: readonly (keyof RequestCheckOptions)[] = ["allowedHosts", "allowedOrigins"];

/** Tells where a request was sent to and which page sent it. Both may be taken off it. */
export interface RequestCheck {
  /** The refusal (403), or `undefined` for a request that may go on. */
  readonly refusal: (request: Request) => Response | undefined;
  /** The origin of the page that sent a request, where it is allowed; `undefined` for every other request. */
  readonly pageOrigin: (request: Request) => string | undefined;
}

/**
 * Makes the check that comes before anything else is looked at.
 *
 * @throws {@link ToolsetError} `invalid_argument` for a name that could never match
 */
export function requestCheck({ allowedHosts, allowedOrigins }: RequestCheckOptions): RequestCheck {
  const hosts = hostNames("allowedHosts", allowedHosts) ?? localhostAllowedHostnames();
  const origins = hostNames("allowedOrigins", allowedOrigins) ?? localhostAllowedOrigins();
  // HTTP/2 has no Host header: there, the URL has what the client asked for.
  const isHere = ({ headers, url }: Request) =>
    validateHostHeader(headers.get("host") ?? new URL(url).host, hosts).ok;
  const isAllowedPage = ({ headers }: Request) => validateOriginHeader(headers.get("origin"), origins).ok;
  const refusalOf = (request: Request) => {
    if (!isHere(request)) {
      const message =
        "The server is not known by the host name of this request. Its operator allows one with " +
        "allowedHosts (--allowed-hosts).";
      return refusal(403, -32000, message);
    }
    if (!isAllowedPage(request)) {
      const message =
        "Web pages of this origin may not call the server. Its operator allows one with " +
        "allowedOrigins (--allowed-origins).";
      return refusal(403, -32000, message);
    }
    return undefined;
  };
  return {
    refusal: refusalOf,
    pageOrigin: (request) =>
      isHere(request) && isAllowedPage(request) ? (request.headers.get("origin") ?? undefined) : undefined,
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
