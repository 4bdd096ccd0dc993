import { refuseOption, shownOption } from "../option-error.js";
import { isApprovalAnswer, UnfitAnswer } from "./approval-answer.js";
import type { ApprovalRequest, Ask } from "./approval-options.js";

/**
 * Asks by LangGraph's interrupt: the graph stops, and goes on when it is resumed with the answer, in this process or
 * another. The answer must name its request, because LangGraph hands a plain answer to whichever call comes first.
 * Resumed with anything else, the graph stops once more and shows the request again; `onWarning` hears of it, and of
 * a graph that has no checkpointer.
 *
 * @param interrupt - `interrupt` of `@langchain/langgraph`
 * @see https://docs.langchain.com/oss/javascript/langgraph/interrupts
 * @example
 * ```ts
 * import { Command, interrupt } from "@langchain/langgraph";
 * import { fileApprovalStore } from "langchain-1password/node";
 *
 * // The key and the store let another process, or this one after a restart, go on with the answer.
 * const store = fileApprovalStore("/var/lib/offboarding/approvals");
 * const manager = new ToolManager({ ...credentials, approval: { ask: askByInterrupt(interrupt), key, store } });
 * // The interrupt's value is the request:
 * await agent.invoke(
 *   new Command({ resume: { decision: "approve", requestId: request.id, approver: "it.lead@example.com" } }),
 *   thread,
 * );
 * ```
 */
export function askByInterrupt(interrupt: (request: ApprovalRequest) => unknown): Ask {
  if (typeof interrupt !== "function") {
    throw refuseOption(
      "interrupt",
      `is ${shownOption(interrupt)}`,
      "Give interrupt of @langchain/langgraph.",
    );
  }
  return (request) => {
    const answer = interrupt(request);
    if (isApprovalAnswer(answer) && answer.requestId !== undefined) return answer;
    throw new UnfitAnswer(
      "The answer to the interrupt is no decision, or names no request. Resume with { decision: " +
        '"approve" or "reject", requestId: the id of the request that the interrupt showed, approver: who decided }.',
      answer,
    );
  };
}
