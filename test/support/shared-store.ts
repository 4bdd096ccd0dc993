import type { ApprovalStore } from "langchain-1password";

/** A store as several processes would share it, which keeps what it was given. */
export interface SharedStore extends Required<ApprovalStore> {
  readonly texts: ReadonlyMap<string, string>;
}

/** Makes a store for the managers of one test, each of which stands for a process. */
export function sharedStore(): SharedStore {
  const used = new Set<string>();
  const texts = new Map<string, { text: string; expiresAt: number }>();
  return {
    consume: (nonce) => !used.has(nonce) && used.add(nonce).has(nonce),
    remember: (key, text, expiresAt) => void texts.set(key, { text, expiresAt }),
    recall: (key) => {
      const kept = texts.get(key);
      return kept === undefined || kept.expiresAt <= Date.now() ? undefined : kept.text;
    },
    get texts() {
      return new Map([...texts].map(([key, { text }]) => [key, text]));
    },
  };
}
