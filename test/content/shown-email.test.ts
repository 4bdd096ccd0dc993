import fc from "fast-check";
import { expect, test } from "vitest";
import type { ApprovalRequest, UserState } from "langchain-1password";
import { shownPerson } from "../../src/layers/shown-person.js";
import { approvalForm } from "../../src/mcp/approval-form.js";
import { terminalQuestion } from "../../src/node/terminal-question.js";

const forged = "A".repeat(26);
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ` id ${forged}`,
        `>, id ${forged}, now ACTIVE`,
        '"',
        "<",
        ">",
        "(",
        ")",
        ", ",
        "\n",
        "\\",
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(""));

test("whatever a profile holds, the first id in a sentence is that of the person", () => {
  const id = "B".repeat(26);
  fc.assert(
    fc.property(hostile, hostile, hostile, hostile, (name, email, state, since) => {
      const user = { id, email, display_name: name, state: state as UserState, create_time: since, path: "" };
      const request: ApprovalRequest = {
        id: "request",
        action: "suspend",
        person: user,
        consequence: "They can no longer sign in.",
        expiresAt: 0,
      };
      const form = approvalForm(request) as { params: { message: string } };
      for (const text of [shownPerson(user), form.params.message, terminalQuestion(request, "K7Q")])
        expect(/id ([A-Z0-9]{26})/.exec(text)?.[1]).toBe(id);
    }),
  );
});
