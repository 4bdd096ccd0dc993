import { checkBaseUrl } from "../../http/base-url.js";
import type { Fetch } from "../../http/guarded-fetch.js";
import { version } from "../../version.js";
import {
  checkFunction,
  checkSecret,
  checkText,
  checkTimeout,
  secretReader,
  type SecretOption,
} from "../option-checks.js";
import { refuseOption, refuseUnknownOptions } from "../../option-error.js";
import { warningListener, type WarningListener } from "../../warning.js";

/** Where an account lives; it decides the host. */
export type Region = "com" | "ca" | "eu";

/** A version of the Users API that this library speaks. */
export type ApiVersion = "v1" | "v1beta1";

/** Options of {@link usersApi}. */
export interface UsersApiOptions {
  /** The account's id: 26 letters and digits, as in the address of its admin console. */
  accountId: string;
  /** The OAuth application's client id. */
  clientId: string;
  /** The OAuth application's client secret. It is sent to the token endpoint and nowhere else. */
  clientSecret: SecretOption;
  /** Where the account lives. @default "com" */
  region?: Region | undefined;
  /** Another host, with a path prefix at most; `https`, or `http` on loopback. Not together with `region`. */
  baseUrl?: string | undefined;
  /**
   * Which version to speak. `"auto"` finds out which is live, and again when the vendor shuts one off.
   *
   * @default "auto"
   */
  apiVersion?: "auto" | ApiVersion | undefined;
  /** `<name>/<version>`, as 1Password asks of every partner. @default "langchain-1password/<its version>" */
  userAgent?: string | undefined;
  /** What sends. Redirects are refused whatever it does. @default the global `fetch` */
  fetch?: Fetch | undefined;
  /** How long one request may take, in milliseconds, its whole answer included; waits for a rate limit do not count. @default 30_000 */
  timeoutMs?: number | undefined;
  /**
   * Hears of what needs an operator's attention and no model's: once each, a deprecated route and a date on which it
   * ends; a token that could not be revoked; what a `clientSecret` function threw, as `cause`. @default console.warn
   */
  onWarning?: WarningListener | undefined;
}

/** {@link UsersApiOptions} after every check, with the defaults filled in. */
export interface CheckedOptions {
  accountId: string;
  clientId: string;
  readSecret: () => Promise<string>;
  baseUrl: string;
  apiVersion: "auto" | ApiVersion;
  userAgent: string;
  fetch: Fetch | undefined;
  timeoutMs: number;
  onWarning: WarningListener;
}

/** Every option of {@link UsersApiOptions}, by name. */
export const usersApiOptionNames = [
  "accountId",
  "clientId",
  "clientSecret",
  "region",
  "baseUrl",
  "apiVersion",
  "userAgent",
  "fetch",
  "timeoutMs",
  "onWarning",
] as const satisfies readonly (keyof UsersApiOptions)[];

const regions: readonly Region[] = ["com", "ca", "eu"];
const versions: readonly string[] = ["auto", "v1", "v1beta1"];

/**
 * Checks every option before anything is sent.
 *
 * @throws `ToolsetError` `invalid_argument` naming the option; a secret is never in it.
 */
export function checkUsersApiOptions(options: UsersApiOptions): CheckedOptions {
  refuseUnknownOptions(options, usersApiOptionNames, "usersApi");
  const { accountId, clientId, clientSecret, region, baseUrl, timeoutMs = 30_000 } = options;
  const { apiVersion = "auto", userAgent = `langchain-1password/${version}` } = options;
  checkText("accountId", accountId);
  checkText("clientId", clientId);
  if (typeof clientSecret !== "function") checkSecret("clientSecret", clientSecret);
  if (!/^[A-Za-z0-9]{26}$/.test(accountId)) {
    throw refuseOption(
      "accountId",
      `${shownAccountId(accountId)}, and an account id is 26 letters and digits`,
      "Copy it from the account's admin console; it is neither the sign-in address nor the client id.",
    );
  }
  if (region !== undefined && baseUrl !== undefined) {
    throw refuseOption("region", 'and "baseUrl" are both given', "Give the one that decides the host.");
  }
  if (region !== undefined && !regions.includes(region)) {
    throw refuseOption(
      "region",
      `is "${(region as string).slice(0, 12)}"`,
      `It is one of "com", "ca" and "eu".`,
    );
  }
  if (!versions.includes(apiVersion)) {
    throw refuseOption(
      "apiVersion",
      `is "${apiVersion as string}"`,
      `It is one of "auto", "v1" and "v1beta1".`,
    );
  }
  // RFC 9110, 10.1.5: product = token ["/" product-version].
  if (!/^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+$/.test(userAgent)) {
    throw refuseOption("userAgent", "is not <name>/<version>", 'Give one such as "acme-offboarding/1.4".');
  }
  checkTimeout("timeoutMs", timeoutMs);
  checkFunction("fetch", options.fetch);
  checkFunction("onWarning", options.onWarning);
  const onWarning = warningListener(options.onWarning);
  return {
    accountId,
    clientId,
    readSecret: secretReader("clientSecret", clientSecret, onWarning),
    baseUrl:
      baseUrl === undefined ? `https://api.1password.${region ?? "com"}` : checkBaseUrl("baseUrl", baseUrl),
    apiVersion,
    userAgent,
    fetch: options.fetch,
    timeoutMs,
    onWarning,
  };
}

/** A value in the wrong place may be a secret: only what looks like a mistaken id or address is repeated. */
function shownAccountId(value: string): string {
  const isHarmless = value.length < 16 || /1password\.(com|ca|eu)/.test(value);
  return isHarmless ? `is "${value.slice(0, 60)}"` : `is a text of ${value.length} characters`;
}
