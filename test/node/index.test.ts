import { expect, test } from "vitest";
import * as node from "langchain-1password/node";

// A name that is given out is kept: whoever adds one here has decided to.

test("what is given out by langchain-1password/node", () => {
  expect(Object.keys(node).sort()).toEqual([
    "askInTerminal",
    "auditFile",
    "fileApprovalStore",
    "fileMcpServerStore",
    "verifyAudit",
  ]);
});
