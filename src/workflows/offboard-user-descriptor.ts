import type { ToolDescriptor } from "../descriptor.js";
import { usersResource } from "../user-tool.js";

/** What a model is told of the tool that offboards a person. */
export const offboardUserDescriptor: ToolDescriptor = {
  name: "offboard_1_password_user",
  description:
    "Offboards one person who has left, in one call instead of find, get, suspend and get: finds them by email, " +
    "suspends them, and reads them again. Give the email; the id as well only where several people share it. It " +
    "reports the state before and after and the next_steps that suspending does not do: pass those on. Called again, " +
    "it says that nothing was left to do.",
  inputSchema: {
    type: "object",
    properties: {
      email: { type: "string", minLength: 3, maxLength: 254, description: "The leaver's whole address." },
      id: {
        type: "string",
        pattern: "^[A-Z0-9]{26}$",
        description: "Their id; it is checked against email.",
      },
    },
    additionalProperties: false,
  },
  method: "offboard",
  kind: "write",
  target: { argument: "email", holds: "email" },
  resource: usersResource,
  tags: ["directory"],
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
};
