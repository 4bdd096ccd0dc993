import type { NormalisedMessage, NormalisedToolCall } from "./turn.js";

/** Collects a conversation as it is read off the wire, and knows which calls still wait for a result. */
export class Conversation {
  readonly messages: NormalisedMessage[] = [];
  readonly #open = new Map<string, string>();

  /** The ids of the calls that have no result yet, in the order in which they were made. */
  get openCalls(): readonly string[] {
    return [...this.#open.keys()];
  }

  say(role: "system" | "user", text: string): void {
    this.messages.push({ role, text });
  }

  answer(text: string, toolCalls: readonly NormalisedToolCall[]): void {
    this.messages.push({ role: "assistant", text, toolCalls });
    for (const { id, name } of toolCalls) this.#open.set(id, name);
  }

  /** Adds the result of a call; `false`, and nothing added, where no such call is open. */
  result(callId: string, text: string): boolean {
    const name = this.#open.get(callId);
    if (name === undefined) return false;
    this.#open.delete(callId);
    this.messages.push({ role: "tool", callId, name, text });
    return true;
  }
}
