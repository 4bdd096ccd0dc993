import { AIMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import type { ToolsetEvent } from "langchain-1password";
import { printable, shortened } from "./printable.js";

/** Writes one line. */
export type Print = (line: string) => void;

const width = 100;
const linesShown = 4;

/** What a run's stream told, beside what was printed. */
export interface RunSummary {
  /** The ids that the agent called tools with, each once, in order. */
  readonly ids: readonly string[];
  readonly waits: number;
  readonly waitedMs: number;
}

/**
 * Prints an agent's run as it happens: each call with its arguments, the waits on the way, what came back, and
 * the last words.
 *
 * @param stream - what `agent.stream(…, { streamMode: ["updates", "custom"] })` gives
 */
export async function printSteps(
  stream: AsyncIterable<[mode: string, chunk: unknown]>,
  print: Print,
): Promise<RunSummary> {
  const ids = new Set<string>();
  const numbers = new Map<string, number>();
  let shown = 0;
  let [waits, waitedMs] = [0, 0];
  for await (const [mode, chunk] of stream) {
    if (mode === "custom") {
      const event = chunk as ToolsetEvent;
      print(`     ${eventWords(event)}`);
      if (event.type === "wait") [waits, waitedMs] = [waits + 1, waitedMs + event.waitMs];
      continue;
    }
    for (const message of messagesIn(chunk)) {
      if (AIMessage.isInstance(message)) {
        const calls = message.tool_calls ?? [];
        if (message.text !== "") {
          print(calls.length === 0 ? "\nThe agent's last words" : "");
          for (const line of foldedLines(message.text)) print(`  ${line}`);
        }
        for (const { id = "", name, args } of calls) {
          numbers.set(id, (shown = numbers.size + 1));
          print(`${String(shown).padStart(3)}  ${name} ${shortened(printable(JSON.stringify(args)), width)}`);
          if (typeof args.id === "string") ids.add(args.id);
        }
      } else if (ToolMessage.isInstance(message)) {
        const number = numbers.get(message.tool_call_id) ?? 0;
        // Several calls at once answer in any order.
        if (number !== shown) print(`${String(number).padStart(3)}  ${message.name ?? ""} answered`);
        shown = number;
        for (const line of answerLines(message)) print(`     ${line}`);
      }
    }
  }
  return { ids: [...ids], waits, waitedMs };
}

function eventWords(event: ToolsetEvent): string {
  if (event.type === "page") return `has read ${event.people} people`;
  if (event.type === "write") return `${event.action}: ${event.state}`;
  const seconds = (event.waitMs / 1000).toFixed(1);
  return event.reason === "rate_limited" || event.reason === "queued"
    ? `waits ${seconds} s for the rate limit`
    : `waits ${seconds} s and tries again (${event.reason})`;
}

function answerLines({ text, status }: ToolMessage): string[] {
  const told = recordWords(text) ?? (status === "error" ? `error: ${text}` : text);
  const lines = foldedLines(told);
  const more = lines.length - linesShown;
  return more > 0 ? [...lines.slice(0, linesShown), `... and ${more} more lines`] : lines;
}

/** A JSON object as `name value` pairs, which fold where a line of JSON would not. */
function recordWords(text: string): string | null {
  try {
    const record = JSON.parse(text) as Record<string, unknown>;
    return Object.entries(record)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(", ");
  } catch {
    return null;
  }
}

function messagesIn(update: unknown): BaseMessage[] {
  const parts = Object.values(update as Record<string, { messages?: BaseMessage[] } | null>);
  return parts.flatMap((part) => part?.messages ?? []);
}

function foldedLines(text: string): string[] {
  return text.split("\n").flatMap((line) => folded(printable(line), width));
}

/** Breaks a text at its spaces, into lines of about that length. */
function folded(text: string, length: number): string[] {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + 1 + word.length > length) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}
