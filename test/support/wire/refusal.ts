/** An answer other than success that a wire server gives: what the real API would say in its place. */
export class Refusal extends Error {
  /** The status code of the answer. */
  readonly status: number;
  /** What the provider's error body holds beside the message, such as `param` and `code`. */
  readonly detail: Readonly<Record<string, unknown>>;

  constructor(status: number, message: string, detail: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.detail = detail;
  }
}
