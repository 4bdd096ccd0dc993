/** Says that a person was asked and has not answered yet: the question stays open, and the call comes back without them. */
export class StillAsked extends Error {
  override readonly name = "StillAsked";
  /** Makes it pass through every layer, as LangGraph's own signals do. */
  readonly is_bubble_up = true;
  readonly stops_only_its_call = true;

  /** @param retryAfterMs - when to make the same call again, in milliseconds from now */
  constructor(readonly retryAfterMs: number) {
    super("The operator was asked and has not answered yet.");
  }
}
