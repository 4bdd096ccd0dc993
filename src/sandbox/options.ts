import { nearestName } from "../nearest-name.js";
import type { SandboxDirectorySync } from "./directory-sync.js";
import type { SandboxApiVersion, SandboxTrutoFilter } from "./documented-requests.js";
import type { SandboxFault } from "./faults.js";
import type { SandboxRateLimit } from "./rate-limit.js";
import type { SandboxPermission } from "./users-api.js";
import type { SandboxUserInput } from "./users.js";

/** What a sandbox is to be like. */
export interface SandboxOptions {
  /**
   * How many people to make, or the people themselves, in their order. People who are made are the same for
   * the same seed; `m.scott@example.com` is always among them, active and an ordinary member, somewhere.
   * People who are given are the whole account: nobody is added.
   *
   * @default 100
   */
  users?: number | readonly SandboxUserInput[];
  /** What people and credentials are made from: any whole number. @default 1 */
  seed?: number;
  /** Default: no limit, and no header about one. */
  rateLimit?: SandboxRateLimit;
  /** How long each answer takes beyond the work itself, in milliseconds. @default 0 */
  latencyMs?: number;
  /** Which versions of the Users API are live; routes of others are plain 404s. @default ["v1", "v1beta1"] */
  apiVersions?: readonly SandboxApiVersion[];
  /**
   * How long an access token lives, in seconds. A fraction is allowed: `expires_in` is rounded up, so that
   * the token ends before a client expects it.
   *
   * @default 900
   */
  tokenTtlS?: number;
  /** What is to go wrong. @default [] */
  faults?: readonly SandboxFault[];
  /** What the OAuth application of the Users API may do. @default all four */
  permissions?: readonly SandboxPermission[];
  /** Default: no directory, and whoever is suspended stays so. */
  directorySync?: SandboxDirectorySync;
  truto?: {
    /** What Truto's list of people may be filtered by; `/tools` says so. @default [] */
    filters?: readonly SandboxTrutoFilter[];
  };
  /** The port to listen on, on 127.0.0.1; 0 for a free one. @default 0 */
  port?: number;
}

/** Options, checked and complete. */
export type CheckedOptions = Required<Omit<SandboxOptions, "rateLimit" | "directorySync" | "truto">> & {
  rateLimit: SandboxRateLimit | null;
  directorySync: SandboxDirectorySync | null;
  trutoFilters: readonly SandboxTrutoFilter[];
};

const known = {
  apiVersions: ["v1", "v1beta1"],
  permissions: ["get", "list", "suspend", "reactivate"],
  filters: ["email", "state"],
  headers: ["draft-6", "draft-7", "draft-8", "retry-after", "epoch", "none"],
  faults: ["status", "close", "half", "html", "delay", "redirect", "body", "oversized", "headers"],
  apis: ["users", "truto"],
  operations: ["token", "revoke", "list", "get", "suspend", "reactivate", "tools"],
} as const;

/** What Node's timers can wait, in milliseconds; beyond it they do not wait at all. */
const longestTimer = 2 ** 31 - 1;

const userNames: readonly (keyof SandboxUserInput)[] = [
  "id",
  "email",
  "display_name",
  "state",
  "create_time",
  "path",
  "role",
];

const optionNames: Readonly<Record<keyof SandboxOptions, true>> = {
  users: true,
  seed: true,
  rateLimit: true,
  latencyMs: true,
  apiVersions: true,
  tokenTtlS: true,
  faults: true,
  permissions: true,
  directorySync: true,
  truto: true,
  port: true,
};

/** Checks options and fills in what was left out. Throws a `TypeError` that names the option. */
export function checkOptions(options: SandboxOptions): CheckedOptions {
  checkNames(options, Object.keys(optionNames), "startSandbox");
  const { rateLimit, directorySync, truto = {}, users = 100 } = options;
  const checked: CheckedOptions = {
    users,
    seed: options.seed ?? 1,
    rateLimit: rateLimit ?? null,
    latencyMs: options.latencyMs ?? 0,
    apiVersions: checkApiVersions(options.apiVersions ?? known.apiVersions),
    tokenTtlS: options.tokenTtlS ?? 900,
    faults: checkFaults(options.faults ?? []),
    permissions: checkWords("permissions", options.permissions ?? known.permissions, known.permissions),
    directorySync: directorySync ?? null,
    trutoFilters: checkWords("truto.filters", truto.filters ?? [], known.filters),
    port: options.port ?? 0,
  };
  if (typeof users !== "number") {
    for (const user of users) checkNames(user, userNames, "users[]");
  }
  checkNames(truto, ["filters"], "truto");
  if (typeof users === "number") checkWhole("users", users, 0, 1_000_000);
  checkWhole("seed", checked.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  checkWhole("port", checked.port, 0, 65_535);
  checkDuration("latencyMs", checked.latencyMs, 0);
  checkDuration("tokenTtlS", checked.tokenTtlS, 0.001);
  if (rateLimit) {
    checkNames(rateLimit, ["limit", "windowMs", "headers"], "rateLimit");
    checkWhole("rateLimit.limit", rateLimit.limit, 1, Number.MAX_SAFE_INTEGER);
    checkDuration("rateLimit.windowMs", rateLimit.windowMs, 1);
    checkWords("rateLimit.headers", [rateLimit.headers], known.headers);
  }
  if (directorySync) {
    checkNames(directorySync, ["afterMs", "emails", "times"], "directorySync");
    checkDuration("directorySync.afterMs", directorySync.afterMs, 0, longestTimer);
    checkTimes("directorySync.times", directorySync.times);
  }
  return checked;
}

/** Checks which versions are to be live. Throws a `TypeError` for an unknown one. */
export function checkApiVersions(versions: readonly SandboxApiVersion[]): readonly SandboxApiVersion[] {
  return checkWords("apiVersions", versions, known.apiVersions);
}

/** Checks faults. Throws a `TypeError` for a kind, an API or an operation that does not exist. */
export function checkFaults(faults: readonly SandboxFault[]): readonly SandboxFault[] {
  for (const fault of faults) {
    checkNames(fault, ["api", "operation", "after", "times", "do"], "faults[]");
    checkWords("faults[].do.kind", [fault.do.kind], known.faults);
    if (fault.api !== undefined) checkWords("faults[].api", [fault.api], known.apis);
    if (fault.operation !== undefined) checkWords("faults[].operation", [fault.operation], known.operations);
    if (fault.after !== undefined) checkWhole("faults[].after", fault.after, 0, Number.MAX_SAFE_INTEGER);
    checkTimes("faults[].times", fault.times);
  }
  return faults;
}

function checkNames(options: unknown, names: readonly string[], owner: string): void {
  const known = names.join(", ");
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`"${owner}" is not an object: give one with ${known}.`);
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    const hint = near === undefined ? "" : `did you mean "${near}"? `;
    throw new TypeError(`"${name}" is not an option of ${owner}: ${hint}use one of ${known}.`);
  }
}

function checkWords<Word extends string>(
  name: string,
  words: readonly Word[],
  allowed: readonly Word[],
): readonly Word[] {
  for (const word of words) {
    if (!allowed.includes(word)) {
      throw new TypeError(`"${name}" must be of ${allowed.join(", ")}, not "${word}": use one of those.`);
    }
  }
  return words;
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new TypeError(
    `"${name}" must be a whole number from ${least} to ${most}, not ${value}: give one or leave it out.`,
  );
}

function checkTimes(name: string, times: number | undefined): void {
  if (times !== undefined && times !== Infinity) checkWhole(name, times, 0, Number.MAX_SAFE_INTEGER);
}

function checkDuration(name: string, value: number, least: number, most = Number.MAX_VALUE): void {
  if (Number.isFinite(value) && value >= least && value <= most) return;
  const atMost = most === Number.MAX_VALUE ? "" : ` and at most ${most}`;
  throw new TypeError(
    `"${name}" must be a number of at least ${least}${atMost}, not ${value}: give one or leave it out.`,
  );
}
