import { isToolsetError } from "./toolset-error.js";

/** What an error says, whoever threw it. For operators: of what others threw, nothing is for a model to read. */
export function errorText(error: unknown): string {
  if (isToolsetError(error)) return error.text;
  return error instanceof Error ? error.message : String(error);
}
