/** A map by text that holds no more than so many entries: the one set longest ago is forgotten first. */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #most: number;

  /** @param most - how many entries it holds at most */
  constructor(most: number) {
    super();
    this.#most = most;
  }

  override set(key: string, value: Value): this {
    // Set again, an entry is a new one.
    this.delete(key);
    super.set(key, value);
    const [oldest] = this.keys();
    if (this.size > this.#most && oldest !== undefined) this.delete(oldest);
    return this;
  }
}
