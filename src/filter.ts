/** Which tools to take. Both conditions must hold; within one, any word is enough. */
export interface ToolFilter {
  /** `read`, `write` (by kind), `custom` (other verbs than the five standard ones), or a verb itself. */
  readonly methods?: readonly string[];
  /** Free words, such as `directory`. */
  readonly tags?: readonly string[];
}
