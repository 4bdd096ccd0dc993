import type { OffboardUserReport, User, UserState } from "langchain-1password";
import type { GraphRefusal } from "./graph.js";

/** What an offboarding ends with. */
export interface GraphReport {
  /**
   * - `suspended`: they were still so after the wait
   * - `reactivated`: they were suspended, and after the wait they were not
   * - `gone`: after the wait nobody in the account had that email and id
   * - `not_suspended`: nobody was changed
   */
  readonly outcome: "suspended" | "reactivated" | "gone" | "not_suspended";
  readonly email: string;
  /** What happened and what is to be done, in sentences. */
  readonly text: string;
  /** Their states when they were found, right after the suspension, and after the wait. */
  readonly states: readonly (UserState | "unknown")[];
  readonly next_steps: readonly string[];
}

/** What is known at the end. */
interface Facts {
  readonly email: string;
  readonly found: User | null;
  readonly suspension: OffboardUserReport | null;
  readonly refusal: GraphRefusal | null;
  readonly seenAgain: User | null;
}

/** Says how it ended, by what was read and not by what was asked for. */
export function reportOn({ email, found, suspension, refusal, seenAgain }: Facts): GraphReport {
  const before = found === null ? [] : [found.state];
  if (suspension === null) {
    return { outcome: "not_suspended", email, text: refusal?.text ?? "", states: before, next_steps: [] };
  }
  const states = [...before, suspension.state, ...(seenAgain === null ? [] : [seenAgain.state])];
  const { next_steps } = suspension;
  if (seenAgain === null) {
    const text = `<${email}> was suspended. After the wait, nobody in this account had that email and id.`;
    return { outcome: "gone", email, text, states, next_steps };
  }
  if (seenAgain.state === "SUSPENDED") {
    const text = `<${email}> is suspended, and was still so after the wait.`;
    return { outcome: "suspended", email, text, states, next_steps };
  }
  const text =
    `<${email}> was suspended, and after the wait they were ${seenAgain.state}: directory sync, or a person, has ` +
    "reactivated them. Remove them from the directory first, and then offboard them again.";
  return { outcome: "reactivated", email, text, states, next_steps };
}
