import { usersResource } from "../user-tool.js";
import type { ToolDescriptor, ToolInputSchema } from "../descriptor.js";

const uses =
  "Checks a whole list of people, by emails or CSV text, against the account in one call: who is in the state that " +
  "they should be in, and who has drifted. Somebody in no account is drift too. For one person use find.";

const properties: ToolInputSchema["properties"] = {
  emails: {
    type: "array",
    items: { type: "string" },
    minItems: 1,
    maxItems: 10_000,
    description: "Give these or csv.",
  },
  csv: {
    type: "string",
    maxLength: 1_000_000,
    description: "Text with a column email and, where people differ, a column state.",
  },
  state: {
    type: "string",
    enum: ["SUSPENDED", "ACTIVE"],
    description: "What those without a state of their own should be; SUSPENDED by default.",
  },
};

/** What a model is told of the tool that checks a list of people, and with `fix` brings them to their states. */
export const auditAccessDescriptor: ToolDescriptor = {
  name: "audit_1_password_access",
  description:
    `${uses} With fix, those found in the other state are suspended or reactivated, each through every guard; where ` +
    "approval is needed, it is asked for once. Stopped on the way, the same call goes on.",
  inputSchema: {
    type: "object",
    properties: {
      ...properties,
      fix: { type: "boolean", description: "Whether to change them; false by default." },
    },
    additionalProperties: false,
  },
  method: "audit",
  kind: "write",
  resource: usersResource,
  tags: ["directory"],
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
};

/** The same where it may only look. */
export const readingAuditDescriptor: ToolDescriptor = {
  ...auditAccessDescriptor,
  description: `${uses} It changes nobody.`,
  inputSchema: { type: "object", properties, additionalProperties: false },
  kind: "read",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
};
