import { InvalidArgumentError } from "commander";
import type { WriteBudget } from "../../layers/guard-options.js";

/** The longest patience, in seconds: a timer of Node holds no more. */
const mostSeconds = 2_000_000;

/** A TCP port; 0 is one that is free. */
export function portOf(text: string): number {
  const port = wholeNumber(text);
  if (port === undefined || port > 65_535) throw new InvalidArgumentError("Give a port from 0 to 65535.");
  return port;
}

/** Seconds, as milliseconds. */
export function secondsOf(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds > 0 && seconds <= mostSeconds) return seconds * 1000;
  throw new InvalidArgumentError(`Give seconds, more than 0 and at most ${mostSeconds}.`);
}

/** Words between commas; none of them empty. */
export function listOf(text: string): readonly string[] {
  const words = text.split(",").map((word) => word.trim());
  if (words.every((word) => word !== "")) return words;
  throw new InvalidArgumentError("Give words with commas between them, and none left empty.");
}

/** `<count>/<seconds>`. */
export function writeBudgetOf(text: string): WriteBudget {
  const [, count, seconds] = /^(\d+)\/(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const [writes, span] = [wholeNumber(count ?? ""), Number(seconds ?? 0)];
  if (writes !== undefined && span > 0 && span <= mostSeconds)
    return { count: writes, windowMs: span * 1000 };
  throw new InvalidArgumentError('Give a count and seconds, such as "20/3600" for 20 writes an hour.');
}

function wholeNumber(text: string): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}
