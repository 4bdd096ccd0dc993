import { ToolMessage } from "@langchain/core/messages";
import { HttpError } from "./http-error.js";
import type { ToolsetError, ToolsetErrorCode } from "./toolset-error.js";

/** What a `ToolMessage` of status `"error"` has as its artifact. */
export interface ToolErrorArtifact {
  error: {
    code: ToolsetErrorCode;
    status: number | null;
    retryable: boolean;
    retryAfterMs: number | null;
    requestId: string | null;
  };
}

/** An error as a tool answers with it: a message where there is a tool call to answer, else its text. */
export function errorAnswer(
  error: ToolsetError,
  name: string,
  callId: string | undefined,
): ToolMessage | string {
  if (callId === undefined) return error.message;
  return new ToolMessage({
    content: error.message,
    status: "error",
    name,
    tool_call_id: callId,
    artifact: errorArtifact(error),
  });
}

function errorArtifact(error: ToolsetError): ToolErrorArtifact {
  const { code, retryable, retryAfterMs } = error;
  const isHttp = error instanceof HttpError;
  return {
    error: {
      code,
      status: isHttp ? error.status : null,
      retryable,
      retryAfterMs,
      requestId: isHttp ? error.requestId : null,
    },
  };
}
