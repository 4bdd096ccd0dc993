import { checkBaseUrl } from "../../http/base-url.js";
import type { Fetch } from "../../http/guarded-fetch.js";
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

/** Options of {@link truto}. */
export interface TrutoOptions {
  /** A Truto API key, or what fetches it before each request. It is sent to `baseUrl` and nowhere else. */
  apiKey: SecretOption;
  /** The id of the integrated account, that is of one customer's connection to 1Password. */
  integratedAccountId: string;
  /** Another host, with a path prefix at most; `https`, or `http` on loopback. @default "https://api.truto.one" */
  baseUrl?: string | undefined;
  /** What sends. Redirects are refused whatever it does. @default the global `fetch` */
  fetch?: Fetch | undefined;
  /** How long one request may take, in milliseconds, its whole answer included; waits for a rate limit do not count. @default 30_000 */
  timeoutMs?: number | undefined;
  /**
   * Hears, once each, of a tool that is left out because it cannot be offered safely, such as one with a name
   * that no model's provider takes; and of what an `apiKey` function threw, as `cause`. @default console.warn
   */
  onWarning?: WarningListener | undefined;
}

/** {@link TrutoOptions} after every check, with the defaults filled in. */
export interface CheckedTrutoOptions {
  readKey: () => Promise<string>;
  integratedAccountId: string;
  baseUrl: string;
  fetch: Fetch | undefined;
  timeoutMs: number;
  onWarning: WarningListener;
}

const optionNames: readonly (keyof TrutoOptions)[] = [
  "apiKey",
  "integratedAccountId",
  "baseUrl",
  "fetch",
  "timeoutMs",
  "onWarning",
];

/**
 * Checks every option before anything is sent.
 *
 * @throws `ToolsetError` `invalid_argument` naming the option; the key is never in it.
 */
export function checkTrutoOptions(options: TrutoOptions): CheckedTrutoOptions {
  refuseUnknownOptions(options, optionNames, "truto");
  const { integratedAccountId, baseUrl = "https://api.truto.one", timeoutMs = 30_000 } = options;
  if (typeof options.apiKey !== "function") checkKey(options.apiKey);
  checkText(
    "integratedAccountId",
    integratedAccountId,
    "Give the id of the integrated account, as Truto shows it.",
  );
  // A segment of a path: nothing that would end it, leave it or be decoded into something else.
  if (!/^[A-Za-z0-9_-][A-Za-z0-9_.~-]{0,127}$/.test(integratedAccountId)) {
    throw refuseOption(
      "integratedAccountId",
      "holds something else than letters, digits, hyphens and underscores",
      "Copy the integrated account's id from Truto; it is neither a URL nor the API key.",
    );
  }
  checkTimeout("timeoutMs", timeoutMs);
  checkFunction("fetch", options.fetch);
  checkFunction("onWarning", options.onWarning);
  const onWarning = warningListener(options.onWarning);
  const readSecret = secretReader("apiKey", options.apiKey, onWarning);
  return {
    readKey: async () => {
      const key = await readSecret();
      checkKey(key);
      return key;
    },
    integratedAccountId,
    baseUrl: checkBaseUrl("baseUrl", baseUrl),
    fetch: options.fetch,
    timeoutMs,
    onWarning,
  };
}

/** A key goes into a header, and `fetch` would refuse what no header can carry in an error that repeats it. */
function checkKey(key: unknown): void {
  checkSecret("apiKey", key, "Give an API key of your Truto environment.");
  if (/^[\x21-\x7e]+$/.test(key)) return;
  throw refuseOption(
    "apiKey",
    "holds a space or another character that no API key has",
    "Copy it from Truto again, without quotes around it.",
  );
}
