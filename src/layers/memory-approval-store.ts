import type { ApprovalStore } from "./approval-options.js";

/** Remembers used approvals in this process, each until it has ended. */
export function memoryApprovalStore(): ApprovalStore {
  const used = new Map<string, number>();
  return {
    consume(nonce, expiresAt) {
      if (used.has(nonce)) return false;
      used.set(nonce, expiresAt);
      const now = Date.now();
      // The oldest come first and mostly end first: a look at their head keeps the memory bounded.
      for (const [old, end] of used) {
        if (end > now) break;
        used.delete(old);
      }
      return true;
    },
  };
}
