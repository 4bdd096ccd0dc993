import { plainText } from "../content/plain-text.js";
import { nearestName } from "../nearest-name.js";
import { shown } from "./document.js";
import { ToolsetError } from "../errors/toolset-error.js";
import { refuseOption, shownOption } from "../option-error.js";
import type { OpenApiOperationKey } from "./operation.js";

/** What may be chosen for an operation, and how to say so. */
interface ChoiceRule {
  readonly allows: (value: unknown) => boolean;
  readonly rule: string;
}

/** Something that a user decides for single operations: by operation id, or by a function. */
export type Choice<Value> =
  Readonly<Record<string, Value>> | ((operation: OpenApiOperationKey) => Value | undefined) | undefined;

/**
 * Reads an option that decides something for single operations.
 *
 * @throws {@link ToolsetError} `invalid_argument` for an operation id that the document does not have or has
 * twice, and for a value that is not allowed: in an option that says what is safe, a typo must not pass
 */
export function choiceOf<Value>(
  option: string,
  choice: Choice<Value>,
  keys: readonly OpenApiOperationKey[],
  { allows, rule }: ChoiceRule,
): (key: OpenApiOperationKey) => Value | undefined {
  const byId = typeof choice === "function" ? {} : (choice ?? {});
  if (typeof byId !== "object" || Array.isArray(byId)) {
    throw refuseOption(option, `is ${shownOption(byId)}`, "Give a record by operation id, or a function.");
  }
  for (const id of Object.keys(byId)) checkOperationId(option, id, keys);
  return (key) => {
    const { operationId } = key;
    const isNamed = operationId !== null && Object.hasOwn(byId, operationId);
    const value = typeof choice === "function" ? choice(key) : isNamed ? byId[operationId] : undefined;
    if (value === undefined || allows(value)) return value;
    const given = typeof value === "string" ? `"${shown(value)}"` : `a ${typeof value}`;
    throw new ToolsetError("invalid_argument", `"${option}" gives ${given} for ${shownKey(key)}. ${rule}`);
  };
}

/** An operation as an error message names it. */
export function shownKey({ operationId, httpMethod, path }: OpenApiOperationKey): string {
  const request = `${httpMethod.toUpperCase()} ${path}`;
  return shown(operationId === null ? `"${request}"` : `"${operationId}" (${request})`);
}

function checkOperationId(option: string, id: string, keys: readonly OpenApiOperationKey[]): void {
  const holders = keys.filter(({ operationId }) => operationId === id);
  if (holders.length === 1) return;
  const shownId = shown(id);
  if (holders.length > 1) {
    throw new ToolsetError(
      "invalid_argument",
      `"${option}" names the operation "${shownId}", and the document has ${holders.length} of that id. ` +
        `Give each an id of its own, or a function instead.`,
    );
  }
  const known = keys.map(({ operationId }) => operationId).filter((one) => one !== null);
  const near = nearestName(id, known);
  throw new ToolsetError(
    "invalid_argument",
    `"${option}" names the operation "${shownId}", which the document does not have. ` +
      (near === undefined ? "" : `Did you mean "${shown(near)}"? `) +
      (known.length > 0 ? `It has: ${plainText(known.join(", "), 500)}.` : "Its operations have no ids."),
  );
}
