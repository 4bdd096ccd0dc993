import { parseList, type List, type Parameters } from "structured-headers";
import type { RateLimit } from "../call.js";
import { withoutStraySeparators } from "./field-values.js";
import { serverTime, untilInstant, untilReset } from "./http-time.js";
import { waitOf, waitsIn } from "./told-time.js";

/** What an answer's headers tell of a rate limit: whole numbers from 0 on, `null` for what they do not tell. */
export interface ParsedRateLimit extends RateLimit {
  /** Milliseconds that `retry-after` or one of its kin asks to wait; `null` where none is there, or one cannot be read. */
  readonly retryAfterMs: number | null;
}

/** Families of one header per number, the standard's own first. */
const families = ["ratelimit-", "x-ratelimit-", "x-rate-limit-"] as const;

/** Fields that tell how long to wait, and how many of their units are a second. */
const waitFields: readonly (readonly [name: string, perSecond: number])[] = [
  ["retry-after", 1],
  ["x-retry-after", 1],
  ["x-ratelimit-retry-after", 1],
  ["x-rate-limit-retry-after", 1],
  ["x-rate-limit-retry-after-seconds", 1],
  ["retry-after-ms", 1000],
  ["x-retry-after-ms", 1000],
  ["x-ms-retry-after-ms", 1000],
];
const waitFieldNames: ReadonlySet<string> = new Set(waitFields.map(([name]) => name));

const unknown: RateLimit = { limit: null, remaining: null, resetMs: null };

/**
 * Reads a rate limit from the headers of an answer, in any of the forms that servers send:
 *
 * - `ratelimit-limit`, `-remaining`, `-reset` (IETF draft 6 and before), `x-ratelimit-*`, `x-rate-limit-*`
 * - `ratelimit: limit=20, remaining=0, reset=1` (draft 7)
 * - `ratelimit: "name";r=0;t=12` with `ratelimit-policy: "name";q=20;w=60` (draft 8 on)
 * - `x-ratelimit-reset-after` beside these, and `-requests` at the end of each, as some APIs have them
 * - `retry-after`, and `retry-after-ms` and other names for it
 *
 * A time may be in any of the forms of {@link waitsIn}; one that cannot be read is not told. Where several limits are told, the one
 * with the fewest requests left counts, and the latest reset among equals. What the answer tells in two forms
 * is taken from the newer form, and only what that leaves out from the older one.
 *
 * @param headers - names in lower case; a header that was sent twice has its values joined by `", "`
 * @param nowMs - our own clock when the answer arrived, in milliseconds since the epoch
 * @returns `null` where the headers tell nothing that can be used
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRateLimit(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): ParsedRateLimit | null {
  if (!Object.keys(headers).some(isRateLimitField)) return null;
  const serverNowMs = serverTime(headers.date, nowMs);
  const policies = readPolicies(headers["ratelimit-policy"]);
  const readings = [
    readCombined(headers.ratelimit, policies, serverNowMs),
    ...families.map((family) => readFamily(headers, family, "", serverNowMs)),
    ...families.map((family) => readFamily(headers, family, "-requests", serverNowMs)),
    { ...unknown, limit: policies.length === 1 ? (policies[0]?.limit ?? null) : null },
  ];
  const first = (field: keyof RateLimit) =>
    readings.map((reading) => reading[field]).find((value) => value !== null) ?? null;
  const parsed = {
    limit: first("limit"),
    remaining: first("remaining"),
    resetMs: first("resetMs"),
    retryAfterMs: readWaits(headers, serverNowMs),
  };
  return Object.values(parsed).every((value) => value === null) ? null : parsed;
}

/** The part of {@link parseRateLimit} that artifacts show. */
export function rateLimitOf(headers: Readonly<Record<string, string>>, nowMs: number): RateLimit | null {
  const parsed = parseRateLimit(headers, nowMs);
  if (parsed === null) return null;
  const { limit, remaining, resetMs } = parsed;
  return limit === null && remaining === null && resetMs === null ? null : { limit, remaining, resetMs };
}

/**
 * Whether a field is about a rate limit, by its name in lower case. Most answers have none, and their reading is on the
 * way of every call.
 */
export function isRateLimitField(name: string): boolean {
  return (
    name.startsWith("ratelimit") ||
    name.startsWith("x-ratelimit-") ||
    name.startsWith("x-rate-limit-") ||
    waitFieldNames.has(name)
  );
}

/** One limit that a server says it keeps: `"name";q=20;w=60`, or `20;w=60` as drafts 3 to 7 had it. */
interface Policy {
  readonly name: string | null;
  readonly limit: number | null;
  readonly windowMs: number | null;
}

function readPolicies(header: string | undefined): Policy[] {
  return listOf(header).map(([value, parameters]) => {
    const windowMs = scaled(count(parameters.get("w")), 1000);
    if (typeof value === "number") return { name: null, limit: count(value), windowMs };
    return { name: nameOf(value), limit: count(parameters.get("q")), windowMs };
  });
}

function readCombined(
  header: string | undefined,
  policies: readonly Policy[],
  serverNowMs: number,
): RateLimit {
  const items = listOf(header).map(([value, parameters]) => {
    const policy = policies.find(({ name }) => name === nameOf(value)) ?? onlyOne(policies);
    return {
      limit: policy?.limit ?? null,
      remaining: count(parameters.get("r")),
      // Without "t" the window's length is the longest that it can still take.
      resetMs: resetOf(parameters.get("t"), serverNowMs) ?? policy?.windowMs ?? null,
    };
  });
  return mostRestrictive(items.length > 0 ? items : readDictionary(header, serverNowMs));
}

/** Draft 7. By hand, because a dictionary's parser keeps only the last of the headers that were joined. */
function readDictionary(header: string | undefined, serverNowMs: number): RateLimit[] {
  const limits: Map<string, string>[] = [];
  for (const part of (header ?? "").split(",")) {
    const [member = ""] = part.split(";");
    const [, name, value = ""] = /^(limit|remaining|reset)=(\S+)$/.exec(member.trim()) ?? [];
    if (name === undefined) continue;
    let current = limits.at(-1);
    if (current === undefined || current.has(name)) {
      current = new Map<string, string>();
      limits.push(current);
    }
    current.set(name, value);
  }
  return limits.map((values) => ({
    limit: count(plainNumber(values.get("limit") ?? "")),
    remaining: count(plainNumber(values.get("remaining") ?? "")),
    resetMs: resetOf(values.get("reset"), serverNowMs),
  }));
}

function readFamily(
  headers: Readonly<Record<string, string>>,
  family: (typeof families)[number],
  suffix: "" | "-requests",
  serverNowMs: number,
): RateLimit {
  const limits = plainNumbers(headers[`${family}limit${suffix}`]);
  const remaining = plainNumbers(headers[`${family}remaining${suffix}`]);
  // Told from now, it needs no clock.
  const reset = headers[`${family}reset-after${suffix}`] ?? headers[`${family}reset${suffix}`] ?? "";
  const resets = waitsIn(reset, serverNowMs);
  const length = Math.max(limits.length, remaining.length, resets.length);
  return mostRestrictive(
    Array.from({ length }, (_, index) => ({
      limit: count(limits[index]),
      remaining: count(remaining[index]),
      resetMs: resets[index] ?? null,
    })),
  );
}

/** The longest of the waits that are asked for, unless one of them cannot be read: it may be longer still. */
function readWaits(headers: Readonly<Record<string, string>>, serverNowMs: number): number | null {
  const waits = waitFields.flatMap(([name, perSecond]) =>
    headers[name] === undefined ? [] : waitsIn(headers[name], serverNowMs, perSecond),
  );
  return waits.includes(null) || waits.length === 0 ? null : Math.max(...(waits as number[]));
}

function mostRestrictive(limits: readonly RateLimit[]): RateLimit {
  return limits.reduce((worst, limit) => (isWorse(limit, worst) ? limit : worst), limits[0] ?? unknown);
}

function isWorse(a: RateLimit, b: RateLimit): boolean {
  const left = (limit: RateLimit) => limit.remaining ?? Number.POSITIVE_INFINITY;
  return left(a) < left(b) || (left(a) === left(b) && (a.resetMs ?? -1) > (b.resetMs ?? -1));
}

function listOf(header: string | undefined): [value: unknown, parameters: Parameters][] {
  if (header === undefined) return [];
  let list: List;
  try {
    list = parseList(withoutStraySeparators(header));
  } catch {
    return [];
  }
  return list.filter(([value]) => !Array.isArray(value));
}

function nameOf(value: unknown): string {
  return String(value);
}

function onlyOne(policies: readonly Policy[]): Policy | undefined {
  return policies.length === 1 ? policies[0] : undefined;
}

/** The numbers of a header, in order; `20, 20;w=1` is one number and the policy that old drafts put beside it. */
function plainNumbers(header: string | undefined): (number | undefined)[] {
  const parts = (header ?? "").split(",").filter((part) => part.trim() !== "");
  const bare = parts.filter((part) => !part.includes(";"));
  return (bare.length > 0 ? bare : parts.map((part) => part.replace(/;.*/s, ""))).map(plainNumber);
}

/** Digits with a fraction at most: no sign, no exponent, no `Infinity`, which `Number` would all take. */
function plainNumber(text: string): number | undefined {
  return /^\s*\d{1,20}(?:\.\d{1,20})?\s*$/.test(text) ? Number(text) : undefined;
}

function count(value: unknown): number | null {
  if (typeof value !== "number" || !(value >= 0) || value > Number.MAX_SAFE_INTEGER) return null;
  // Structured fields know a negative zero, which is one too many.
  return Math.floor(value) + 0;
}

function scaled(value: number | null, factor: number): number | null {
  return value === null ? null : count(value * factor);
}

function resetOf(value: unknown, serverNowMs: number): number | null {
  if (typeof value === "number") return untilReset(value, serverNowMs);
  if (value instanceof Date) return untilInstant(value.getTime(), serverNowMs);
  return typeof value === "string" ? waitOf(value, serverNowMs) : null;
}
