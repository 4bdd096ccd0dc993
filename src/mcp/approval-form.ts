import { inputRequired, type InputRequest } from "@modelcontextprotocol/server";
import { plainText } from "../content/plain-text.js";
import { shownEmail, shownWord } from "../content/shown-email.js";
import type { ApprovalItem, ApprovalRequest } from "../layers/approval-options.js";

/** The key of the one question that is asked in a round. */
export const approvalKey = "approve";

/** The longest arguments of a write that concerns nobody, as they are shown. */
const longestArguments = 4500;

/** The form that a client shows. Whom it concerns comes from the account: the model's own words may be wrong. */
export function approvalForm(request: ApprovalRequest): InputRequest {
  return inputRequired.elicit({
    message: questionOf(request),
    requestedSchema: {
      type: "object",
      properties: {
        approve: {
          type: "boolean",
          title: "Go ahead",
          description: `Whether to ${request.action}. No is always safe: nothing is changed.`,
        },
        reason: {
          type: "string",
          title: "Why (may be left empty)",
          description: "Told to the assistant, and recorded.",
          maxLength: 500,
        },
      },
      required: ["approve"],
    },
  });
}

function questionOf({
  action,
  person,
  items,
  args,
  consequence,
  reason,
  expiresAt,
}: ApprovalRequest): string {
  const people = person === null ? (items ?? []) : [{ action, person }];
  const lines = [
    `An assistant wants to ${action}${people.length > 1 ? ` (${people.length} people)` : ""}:`,
    ...people.map(personLine),
    ...(args === undefined ? [] : [`Arguments: ${plainText(JSON.stringify(args), longestArguments)}`]),
    ...(reason === undefined ? [] : [`Reason given by the assistant: ${reason}`]),
    consequence,
    `The answer holds until ${new Date(expiresAt).toISOString()}, and once.`,
  ];
  return lines.join("\n");
}

/** First the id: names and emails may hold whole sentences about somebody else. */
function personLine({ action, person }: ApprovalItem): string {
  const { id, email, display_name: name, state, create_time: since } = person;
  return (
    `${action} id ${shownWord(id)}: ${JSON.stringify(name)} <${shownEmail(email)}>, now ${shownWord(state)}, in the ` +
    `account since ${shownWord(since)}`
  );
}
