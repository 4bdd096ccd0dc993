import {
  auditAccessDescriptor,
  reactivatingAuditDescriptor,
  readingAuditDescriptor,
} from "./audit-access-descriptor.js";
import { offboardUserDescriptor } from "./offboard-user-descriptor.js";
import type { Workflow, WorkflowOptions } from "./workflow.js";

/** The tools for whole tasks. Their code is loaded when they are first called. */
export const workflowTools = ({ reviewReactivates = false }: WorkflowOptions): readonly Workflow[] => [
  {
    descriptor: offboardUserDescriptor,
    call: async (args, context, tools) => {
      const { offboardTool } = await import("./offboard-user-tool.js");
      return offboardTool(args, context, tools);
    },
  },
  {
    descriptor: reviewReactivates ? reactivatingAuditDescriptor : auditAccessDescriptor,
    reading: readingAuditDescriptor,
    call: async (args, context, tools) => {
      const { auditTool } = await import("./audit-access-tool.js");
      return auditTool(args, context, tools);
    },
  },
];
