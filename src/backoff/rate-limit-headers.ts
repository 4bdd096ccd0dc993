import { parseList, type List, type Parameters } from "structured-headers";
import type { RateLimit } from "../call.js";
import { parseHttpDate, serverTime, untilInstant, untilReset } from "./http-time.js";

/** What an answer's headers tell of a rate limit: whole numbers from 0 on, `null` for what they do not tell. */
export interface ParsedRateLimit extends RateLimit {
  /** Milliseconds that `retry-after` asks to wait; `null` where it is not there or cannot be read. */
  readonly retryAfterMs: number | null;
}

/** Families of one header per number, the standard's own first. */
const families = ["ratelimit-", "x-ratelimit-", "x-rate-limit-"] as const;

const unknown: RateLimit = { limit: null, remaining: null, resetMs: null };

/**
 * Reads a rate limit from the headers of an answer, in any of the forms that servers send:
 *
 * - `ratelimit-limit`, `-remaining`, `-reset` (IETF draft 6 and before), `x-ratelimit-*`, `x-rate-limit-*`
 * - `ratelimit: limit=20, remaining=0, reset=1` (draft 7)
 * - `ratelimit: "name";r=0;t=12` with `ratelimit-policy: "name";q=20;w=60` (draft 8 on)
 * - `retry-after` in seconds or as an HTTP date
 *
 * A reset may be seconds from now, Unix seconds or Unix milliseconds. Where several limits are told, the one
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
  if (!Object.keys(headers).some(isAboutLimits)) return null;
  const serverNowMs = serverTime(headers.date, nowMs);
  const policies = readPolicies(headers["ratelimit-policy"]);
  const readings = [
    readCombined(headers.ratelimit, policies, serverNowMs),
    ...families.map((family) => readFamily(headers, family, serverNowMs)),
    { ...unknown, limit: policies.length === 1 ? (policies[0]?.limit ?? null) : null },
  ];
  const first = (field: keyof RateLimit) =>
    readings.map((reading) => reading[field]).find((value) => value !== null) ?? null;
  const parsed = {
    limit: first("limit"),
    remaining: first("remaining"),
    resetMs: first("resetMs"),
    retryAfterMs: readRetryAfter(headers["retry-after"], serverNowMs),
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

/** Most answers tell nothing of limits, and their reading is on the way of every call. */
function isAboutLimits(name: string): boolean {
  return name === "retry-after" || name.startsWith("ratelimit") || name.startsWith("x-rate");
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
  const limits: Map<string, number>[] = [];
  for (const part of (header ?? "").split(",")) {
    const [, name, digits] = /^\s*(limit|remaining|reset)=(\d+)\s*(?:;.*)?$/.exec(part) ?? [];
    if (name === undefined) continue;
    let current = limits.at(-1);
    if (current === undefined || current.has(name)) {
      current = new Map<string, number>();
      limits.push(current);
    }
    current.set(name, Number(digits));
  }
  return limits.map((numbers) => ({
    limit: count(numbers.get("limit")),
    remaining: count(numbers.get("remaining")),
    resetMs: resetOf(numbers.get("reset"), serverNowMs),
  }));
}

function readFamily(
  headers: Readonly<Record<string, string>>,
  family: (typeof families)[number],
  serverNowMs: number,
): RateLimit {
  const limits = plainNumbers(headers[`${family}limit`]);
  const remaining = plainNumbers(headers[`${family}remaining`]);
  const resets = plainNumbers(headers[`${family}reset`]);
  const length = Math.max(limits.length, remaining.length, resets.length);
  return mostRestrictive(
    Array.from({ length }, (_, index) => ({
      limit: count(limits[index]),
      remaining: count(remaining[index]),
      resetMs: resetOf(resets[index], serverNowMs),
    })),
  );
}

function readRetryAfter(header: string | undefined, serverNowMs: number): number | null {
  const values = listedDates(header ?? "");
  const waits = values.map((value) => {
    const seconds = plainNumber(value);
    if (seconds !== undefined) return untilReset(seconds, serverNowMs);
    const date = parseHttpDate(value.trim());
    return date === null ? null : untilInstant(date, serverNowMs);
  });
  return waits.reduce((longest, wait) => (longest === null || (wait ?? -1) > longest ? wait : longest), null);
}

/** The values of a list, each whole: a date has a comma of its own, after the name of its day. */
function listedDates(header: string): string[] {
  const values: string[] = [];
  for (const part of header.split(",")) {
    const before = values.at(-1);
    if (before !== undefined && /^\s*[A-Za-z]{3,9}$/.test(before))
      values[values.length - 1] = `${before},${part}`;
    else values.push(part);
  }
  return values;
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
    list = parseList(header);
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
  return typeof value === "number" ? untilReset(value, serverNowMs) : null;
}
