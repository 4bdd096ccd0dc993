import type { ToolKind } from "../descriptor.js";
import { isHolding, type ToolTarget } from "../target.js";
import {
  childOf,
  elementsOf,
  flagAt,
  isAbsent,
  malformed,
  objectAt,
  textAt,
  type Place,
} from "./document.js";

/** The key of what a document says about its operations and parameters as tools. */
const extensionKey = "x-langchain-tool";

/** What a document may say of an operation's behaviour; `readOnlyHint` follows from the kind. */
export interface StatedAnnotations {
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** `x-langchain-tool` of an operation. */
export interface OperationExtension {
  readonly name?: string | undefined;
  readonly method?: string | undefined;
  readonly kind?: ToolKind | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly resource?: string | undefined;
  readonly target?: ToolTarget | undefined;
  readonly annotations?: StatedAnnotations;
}

/** `x-langchain-tool` of a parameter. */
export interface ParameterExtension {
  /** What the model calls it, where that is not the parameter's own name. */
  readonly argument?: string | undefined;
  /** Whether the source fills it in, so that no model sees it. */
  readonly bound: boolean;
}

/** Reads `x-langchain-tool` of an operation. */
export function operationExtension(operation: Place): OperationExtension {
  const place = extensionAt(operation, [
    "name",
    "method",
    "kind",
    "tags",
    "resource",
    "target",
    "annotations",
  ]);
  if (place === undefined) return {};
  const tags = childOf(place, "tags");
  return {
    name: textAt(childOf(place, "name")),
    method: textAt(childOf(place, "method")),
    kind: kindAt(childOf(place, "kind")),
    tags: isAbsent(tags) ? undefined : wordsAt(tags),
    resource: textAt(childOf(place, "resource")),
    target: targetAt(childOf(place, "target")),
    annotations: annotationsAt(childOf(place, "annotations")),
  };
}

/** Reads `x-langchain-tool` of a parameter. */
export function parameterExtension(parameter: Place): ParameterExtension {
  const place = extensionAt(parameter, ["argument", "bound"]);
  if (place === undefined) return { bound: false };
  return { argument: textAt(childOf(place, "argument")), bound: flagAt(childOf(place, "bound")) };
}

/** The words at a place, each once. */
export function wordsAt(place: Place): string[] {
  return [...new Set(elementsOf(place).map((word) => textAt(word) ?? ""))];
}

/** The kind that somebody gave. A typo must not make a read of a write, nor pass in silence. */
function kindAt({ value, pointer }: Place): ToolKind | undefined {
  if (value === undefined || value === "read" || value === "write") return value;
  throw malformed(pointer, 'is neither "read" nor "write"', "Give one of them.");
}

/** Whom the calls of an operation concern. A slip here would leave a guard without anybody to judge. */
function targetAt(place: Place): ToolTarget | undefined {
  const { value, pointer } = place;
  if (isAbsent(place)) return undefined;
  if (value === "none" || value === "unknown") return value;
  refuseUnknown(place, ["argument", "holds"]);
  const argument = textAt(childOf(place, "argument"));
  const holds = textAt(childOf(place, "holds"));
  if (argument !== undefined && isHolding(holds)) return { argument, holds };
  throw malformed(
    pointer,
    "does not say whom the operation concerns",
    'Give { "argument": "id", "holds": "id" } ("ids", "email" or "emails"), or "none".',
  );
}

function annotationsAt(place: Place): StatedAnnotations {
  const known = ["destructiveHint", "idempotentHint", "openWorldHint"];
  if (isAbsent(place)) return {};
  refuseUnknown(place, known);
  return Object.fromEntries(
    Object.keys(objectAt(place)).map((key) => [key, flagAt(childOf(place, key))] as const),
  );
}

function extensionAt(holder: Place, known: readonly string[]): Place | undefined {
  const place = childOf(holder, extensionKey);
  if (isAbsent(place)) return undefined;
  refuseUnknown(place, known);
  return place;
}

function refuseUnknown(place: Place, known: readonly string[]): void {
  for (const key of Object.keys(objectAt(place))) {
    if (known.includes(key)) continue;
    throw malformed(childOf(place, key).pointer, "is not known", `Known are: ${known.join(", ")}.`);
  }
}
