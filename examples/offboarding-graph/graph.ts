import {
  Annotation,
  END,
  interrupt,
  START,
  StateGraph,
  type BaseCheckpointSaver,
} from "@langchain/langgraph";
import {
  findUsers,
  isToolsetError,
  offboardUser,
  type OffboardUserReport,
  type ToolManager,
  type ToolsetError,
  type User,
} from "langchain-1password";
import { reportOn, type GraphReport } from "./report.js";

/** What the graph stops with while it waits. It may be resumed with anything, and goes on once the time has come. */
export interface WaitRequest {
  /** Milliseconds since the epoch. */
  readonly waitUntil: number;
}

/** Why nobody was suspended. */
export interface GraphRefusal {
  /** A code of `ToolsetError`. */
  readonly code: string;
  readonly text: string;
}

const OffboardingInput = Annotation.Root({
  /** Who has left. */
  email: Annotation<string>,
  /** Why, such as a ticket: shown to the approver and recorded. */
  reason: Annotation<string | undefined>,
});

const OffboardingState = Annotation.Root({
  ...OffboardingInput.spec,
  /** The person as they were found. */
  found: Annotation<User | null>,
  suspension: Annotation<OffboardUserReport | null>,
  refusal: Annotation<GraphRefusal | null>,
  waitUntil: Annotation<number>,
  /** The person as they are after the wait. */
  seenAgain: Annotation<User | null>,
  report: Annotation<GraphReport | null>,
});

/** What {@link offboardingGraph} is made of. */
export interface OffboardingGraphParts {
  /** Its approvals are asked for by `askByInterrupt(interrupt)`. */
  readonly manager: ToolManager;
  /** How long after a suspension it looks whether somebody has been reactivated, in milliseconds. */
  readonly waitMs: number;
  readonly checkpointer: BaseCheckpointSaver;
}

/**
 * Offboards one person on each thread: finds them, asks for approval, suspends and reads them again, waits, looks
 * whether directory sync has brought them back, and reports.
 *
 * It waits without a process: the time to go on is in the checkpoint, and the graph stops as it does for an
 * approval. Whoever resumes it too early makes it stop again.
 */
export function offboardingGraph({ manager, waitMs, checkpointer }: OffboardingGraphParts) {
  return (
    new StateGraph({ stateSchema: OffboardingState, input: OffboardingInput })
      .addNode("find", async ({ email }, config) => {
        const { matches } = await findUsers(manager, { email }, config);
        const [found = null] = matches;
        return { found, suspension: null, refusal: null, seenAgain: null, report: null };
      })
      // By the email and not the id that was found, so that two people with one email are told apart by a person.
      .addNode("suspend", async ({ email, reason }, config) => {
        try {
          const suspension = await offboardUser(manager, { email, reason }, config);
          return { suspension, refusal: null, waitUntil: Date.now() + waitMs };
        } catch (error) {
          // Whatever may go better the next time, or may have taken effect, is thrown: the same thread may be run
          // again from here, and looks at the person first.
          if (!isRefusal(error)) throw error;
          return { refusal: { code: error.code, text: error.text } };
        }
      })
      .addNode("wait", ({ waitUntil }) => {
        interrupt<WaitRequest>({ waitUntil });
        return {};
      })
      .addNode("lookAgain", async ({ email, suspension }, config) => {
        const { matches } = await findUsers(manager, { email }, config);
        return { seenAgain: matches.find(({ id }) => id === suspension?.id) ?? null };
      })
      .addNode("write", (state) => ({ report: reportOn(state) }))
      .addEdge(START, "find")
      .addEdge("find", "suspend")
      .addConditionalEdges("suspend", afterSuspending, ["suspend", "wait", "write"])
      .addConditionalEdges("wait", ({ waitUntil }) => (Date.now() < waitUntil ? "wait" : "lookAgain"), [
        "wait",
        "lookAgain",
      ])
      .addEdge("lookAgain", "write")
      .addEdge("write", END)
      .compile({ checkpointer })
  );
}

/** Whether it is certain that nothing was changed, and that the same call would end the same. */
function isRefusal(error: unknown): error is ToolsetError {
  if (!isToolsetError(error) || error.retryable || error.inDoubt || error.code === "aborted") return false;
  return error.unsent || error.code === "forbidden" || error.code === "not_found";
}

function afterSuspending({ refusal }: { refusal: GraphRefusal | null }): "suspend" | "wait" | "write" {
  if (refusal === null) return "wait";
  // The yes came too late, or to something that has changed since: a person is asked once more.
  return refusal.code === "approval_expired" ? "suspend" : "write";
}
