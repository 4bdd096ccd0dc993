import type { AuditLine } from "./audit-line.js";

/** Hands on records that are durable. */
interface Forwarding {
  forward(line: string): void;
  /** Resolves once every record that was handed on is dealt with. */
  settled(): Promise<void>;
}

/**
 * Hands records to a listener, whose failures cost nothing.
 *
 * @param warn - told of them; must not throw
 */
export function forwardRecords(
  path: string,
  onRecord: ((record: AuditLine) => void | Promise<void>) | undefined,
  warn: (message: string) => void,
): Forwarding {
  const pending = new Set<Promise<void>>();
  const handOn = async (line: string) => {
    const record = JSON.parse(line) as AuditLine;
    try {
      await onRecord?.(record);
    } catch (error) {
      // Its message is not repeated: it may hold what the collector was called with.
      const name = error instanceof Error ? ` (${error.constructor.name})` : "";
      warn(
        `"onRecord" failed${name} for record ${record.chain.seq} of writer ${record.chain.writer}. The record is in ` +
          `"${path}" and was not handed on. Catch errors inside of it to try again or to log them.`,
      );
    }
  };
  return {
    forward(line) {
      if (onRecord === undefined) return;
      const handing = handOn(line);
      pending.add(handing);
      void handing.finally(() => pending.delete(handing));
    },
    async settled() {
      await Promise.all(pending);
    },
  };
}
