/** A write that was about to be sent, and of which no record says what became of it. Look at the account. */
export interface DanglingIntent {
  /** The record's own id. */
  readonly uid: string;
  /** The id of the call. */
  readonly call: string;
  /** The verb: `suspend`, `reactivate`. */
  readonly operation: string;
  /** The id of the person; `undefined` for a write that concerns nobody. */
  readonly userId: string | undefined;
  /** When it was written, in milliseconds since the epoch. */
  readonly time: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Finds intents without an outcome, in the order of the file. */
export class DanglingIntents {
  readonly #open = new Map<string, DanglingIntent>();

  add(record: Fields): void {
    const { unmapped } = record;
    if (!isFields(unmapped)) return;
    if (unmapped.phase === "outcome" && typeof unmapped.intent === "string")
      this.#open.delete(unmapped.intent);
    if (unmapped.phase !== "intent" || !isFields(record.metadata)) return;
    const uid = textOf(record.metadata.uid);
    this.#open.set(uid, {
      uid,
      call: textOf(unmapped.call),
      operation: textOf(unmapped.operation),
      userId: isFields(record.user) ? textOf(record.user.uid) : undefined,
      time: typeof record.time === "number" ? record.time : NaN,
    });
  }

  /** Those of all records so far. */
  list(): DanglingIntent[] {
    return [...this.#open.values()];
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
