/** What a line goes by. */
export interface InLine {
  readonly priority: "urgent" | "normal";
  /** Whether it was sent before and refused: it has waited longest, so it comes before those that were not. */
  readonly again: boolean;
}

/** Those who wait, in the order in which they leave: urgent before normal, and in either, first come first. */
export class WaitingLine<Waiter extends InLine> {
  // Sets keep the order of insertion, and let one leave from the middle without looking for it.
  readonly #parts = [new Set<Waiter>(), new Set<Waiter>(), new Set<Waiter>(), new Set<Waiter>()] as const;

  get size(): number {
    return this.#parts.reduce((total, part) => total + part.size, 0);
  }

  add(waiter: Waiter): void {
    this.#partOf(waiter).add(waiter);
  }

  /** Takes one out of the line, wherever it stands; `false` where it does not stand in it. */
  remove(waiter: Waiter): boolean {
    return this.#partOf(waiter).delete(waiter);
  }

  /** Whether one stands in it. */
  has(waiter: Waiter): boolean {
    return this.#partOf(waiter).has(waiter);
  }

  /** Whose turn it is. */
  first(): Waiter | undefined {
    for (const part of this.#parts) {
      for (const waiter of part) return waiter;
    }
    return undefined;
  }

  /** How many would leave before one that is added now. */
  ahead(waiter: InLine): number {
    const part = this.#parts.indexOf(this.#partOf(waiter));
    return this.#parts.slice(0, part + 1).reduce((total, { size }) => total + size, 0);
  }

  *[Symbol.iterator](): Generator<Waiter> {
    for (const part of this.#parts) yield* part;
  }

  #partOf({ priority, again }: InLine): Set<Waiter> {
    const [urgentAgain, urgent, normalAgain, normal] = this.#parts;
    if (priority === "urgent") return again ? urgentAgain : urgent;
    return again ? normalAgain : normal;
  }
}
