import type { ApprovalStore } from "./approval-options.js";
import { BoundedMap } from "./bounded-map.js";

/** How many texts are remembered at most. A used approval is never forgotten before its end. */
const maxTexts = 10_000;

/** Remembers used approvals and texts in this process, each until it has ended. */
export function memoryApprovalStore(): Required<ApprovalStore> {
  const used = new Map<string, number>();
  const texts = new BoundedMap<{ readonly text: string; readonly expiresAt: number }>(maxTexts);
  return {
    consume(nonce, expiresAt) {
      if (used.has(nonce)) return false;
      used.set(nonce, expiresAt);
      removeEnded(used, (end) => end);
      return true;
    },
    remember(key, text, expiresAt) {
      texts.set(key, { text, expiresAt });
      removeEnded(texts, (kept) => kept.expiresAt);
    },
    recall(key) {
      const kept = texts.get(key);
      return kept === undefined || kept.expiresAt <= Date.now() ? undefined : kept.text;
    },
  };
}

/** A store that can do everything. */
export interface CompleteStore extends Required<ApprovalStore> {
  /** Whether its texts leave this process. */
  readonly isShared: boolean;
}

/** A store that can do everything: where the given one only takes approvals, texts are remembered in this process. */
export function completeApprovalStore(store: ApprovalStore | undefined): CompleteStore {
  const memory = { ...memoryApprovalStore(), isShared: false };
  if (store === undefined) return memory;
  const consume: ApprovalStore["consume"] = (nonce, expiresAt) => store.consume(nonce, expiresAt);
  if (store.remember === undefined) return { ...memory, consume };
  const { remember, recall } = store as Required<ApprovalStore>;
  return { consume, remember: remember.bind(store), recall: recall.bind(store), isShared: true };
}

/** The oldest come first and mostly end first: a look at their head keeps the memory bounded. */
function removeEnded<Value>(entries: Map<string, Value>, endOf: (value: Value) => number): void {
  const now = Date.now();
  for (const [key, value] of entries) {
    if (endOf(value) > now) break;
    entries.delete(key);
  }
}
