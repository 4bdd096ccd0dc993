import { ToolsetError } from "../errors/toolset-error.js";

/**
 * Checks a base URL that an option gave, and returns it without a trailing slash.
 *
 * @param option - the option's name, for the error
 * @throws {@link ToolsetError} `invalid_argument` unless it is `https` (or `http` on loopback) with at most
 * a path prefix: a query, a fragment or credentials in a base URL end up where nobody looks for them.
 */
export function checkBaseUrl(option: string, value: string): string {
  if (typeof (value as unknown) !== "string") {
    throw refuse(option, `is a ${typeof value}`, `as a text, such as "https://api.1password.com"`);
  }
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    // The value is not repeated: what is not a URL may well be a secret in the wrong place.
    throw refuse(option, "is not a URL", `such as "https://api.1password.com"`);
  }
  const shown = `${url.protocol}//${url.host}`;
  if (url.username !== "" || url.password !== "") {
    throw refuse(option, `for ${shown} holds a user name or password`, "without them");
  }
  if (url.search !== "" || url.hash !== "" || /[?#]/.test(value)) {
    throw refuse(option, `for ${shown} holds a query or a fragment`, "with a path prefix at most");
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw refuse(
      option,
      `"${shown}" is not https, and would send credentials in the clear`,
      "with https:// (http:// is for this machine only)",
    );
  }
  const given = value.trim();
  let end = given.length;
  while (given[end - 1] === "/") end -= 1;
  return given.slice(0, end);
}

/** Whether a host name means this machine: RFC 6761's `localhost`, 127.0.0.0/8 and ::1. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function refuse(option: string, what: string, fix: string): ToolsetError {
  return new ToolsetError("invalid_argument", `"${option}" ${what}. Give a base URL ${fix}.`);
}
