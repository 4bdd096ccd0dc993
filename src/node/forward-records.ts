import { thrownKind, type WarningListener } from "../warning.js";
import type { AuditLine } from "./audit-line.js";

/** Hands on records that are durable. */
interface Forwarding {
  forward(line: string): void;
  /** Resolves once every record that was handed on is dealt with. */
  settled(): Promise<void>;
}

/** Hands records to a listener, whose failures become warnings and cost nothing. */
export function forwardRecords(
  path: string,
  onRecord: ((record: AuditLine) => void | Promise<void>) | undefined,
  warn: WarningListener,
): Forwarding {
  const pending = new Set<Promise<void>>();
  const handOn = async (line: string) => {
    const record = JSON.parse(line) as AuditLine;
    try {
      await onRecord?.(record);
    } catch (error) {
      warn(
        `"onRecord" failed${thrownKind(error)} for record ${record.chain.seq} of writer ${record.chain.writer}. The record is in ` +
          `"${path}" and was not handed on. Catch errors inside of it to try again.`,
        { cause: error },
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
