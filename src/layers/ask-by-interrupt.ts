import type { ApprovalRequest, Ask } from "./approval-options.js";

/**
 * Asks by LangGraph's interrupt: the graph stops, and goes on when it is resumed with the answer, in this process
 * or another. The answer must name its request, because LangGraph hands a plain answer to whichever call comes first.
 *
 * @param interrupt - `interrupt` of `@langchain/langgraph`
 * @see https://docs.langchain.com/oss/javascript/langgraph/interrupts
 * @example
 * ```ts
 * import { Command, interrupt } from "@langchain/langgraph";
 *
 * const manager = new ToolManager({ ...credentials, approval: { ask: askByInterrupt(interrupt), key } });
 * // The interrupt's value is the request:
 * await agent.invoke(
 *   new Command({ resume: { decision: "approve", requestId: request.id, approver: "it.lead@example.com" } }),
 *   thread,
 * );
 * ```
 */
export function askByInterrupt(interrupt: (request: ApprovalRequest) => unknown): Ask {
  return (request) => {
    const answer = interrupt(request);
    const { requestId } = (answer ?? {}) as { requestId?: unknown };
    if (typeof requestId === "string") return answer;
    throw new Error(
      'the answer to the interrupt names no request. Resume with { decision: "approve" or "reject", requestId: the ' +
        "id of the request that the interrupt showed }",
    );
  };
}
