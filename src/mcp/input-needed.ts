import type { ApprovalRequest } from "../layers/approval-options.js";

/**
 * Stops a call whose client has to ask a person first, and passes through every layer as LangGraph's signals do. The
 * call is made again, from its beginning, with the answer.
 */
export class InputNeeded extends Error {
  readonly is_bubble_up = true;
  readonly stops_only_its_call = true;

  constructor(readonly request: ApprovalRequest) {
    super("a person has to be asked");
  }
}
