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
    description: "A file's whole text, as it is; its columns of emails and states are found.",
  },
  columns: {
    type: "object",
    properties: {
      email: { type: "string" },
      state: { type: "string" },
      ignore: { type: "array", items: { type: "string" } },
    },
    additionalProperties: false,
    description: "Headers of the csv, only where an error asks for them.",
  },
  state: {
    type: "string",
    enum: ["SUSPENDED", "ACTIVE"],
    description:
      "What those should be for whom the list says no state; SUSPENDED by default, and needed with fix.",
  },
};

const fixing =
  "each through every guard; where approval is needed, it is asked for once. Stopped on the way, the same call goes on.";

/** What a model is told of the tool that checks a list of people, and with `fix` suspends who should be. */
export const auditAccessDescriptor: ToolDescriptor = {
  name: "audit_1_password_access",
  description: `${uses} With fix, those who should be SUSPENDED and are not are suspended, ${fixing}`,
  inputSchema: {
    type: "object",
    properties: {
      ...properties,
      fix: { type: "boolean", description: "Whether to suspend them; false by default." },
    },
    additionalProperties: false,
  },
  method: "audit",
  kind: "write",
  resource: usersResource,
  tags: ["directory"],
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
};

/** The same where the operator lets a model give access back. */
export const reactivatingAuditDescriptor: ToolDescriptor = {
  ...auditAccessDescriptor,
  description:
    `${uses} With fix, those who should be SUSPENDED and are not are suspended, with fix_reactivate the other way ` +
    `round, ${fixing}`,
  inputSchema: {
    ...auditAccessDescriptor.inputSchema,
    properties: {
      ...auditAccessDescriptor.inputSchema.properties,
      fix_reactivate: {
        type: "boolean",
        description:
          "Whether to reactivate who should be ACTIVE; only where you were told to give access back.",
      },
    },
  },
};

/** The same where it may only look. */
export const readingAuditDescriptor: ToolDescriptor = {
  ...auditAccessDescriptor,
  description: `${uses} It changes nobody.`,
  inputSchema: { type: "object", properties, additionalProperties: false },
  kind: "read",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
};
