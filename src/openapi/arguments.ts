import type { JsonSchema, ToolInputSchema } from "../descriptor.js";
import { findBody, readBody, type BodySchema, type ChosenBody } from "./body.js";
import { childOf, type Place } from "./document.js";
import { readSchemas } from "./input-schema.js";
import type { FoundOperation, OpenApiBody, OpenApiParameter } from "./operation.js";
import { findParameters, parameterSchema } from "./parameters.js";
import { boundedName, withoutOuterUnderscores } from "./portable-name.js";

/** What an operation takes. */
export interface OperationArguments {
  readonly inputSchema: ToolInputSchema;
  readonly parameters: readonly OpenApiParameter[];
  readonly body: OpenApiBody | null;
}

/** Something that an argument stands for. */
interface Slot {
  readonly in: "path" | "query" | "header" | "body";
  /** The name in the document. */
  readonly name: string;
  /** What its argument is called, if nothing before it is called so. */
  readonly wanted: string;
  readonly bound: boolean;
  readonly required: boolean;
  readonly schema: JsonSchema;
}

interface NamedSlot extends Slot {
  readonly argument: string;
}

/** Reads what an operation takes: its parameters, its body, and the one schema of both. */
export function readArguments(root: Place, operation: FoundOperation): OperationArguments {
  const parameters = findParameters(root, operation);
  // `fetch` refuses to send these a body.
  const isBodiless = ["get", "head", "trace"].includes(operation.key.httpMethod);
  const body = isBodiless ? null : findBody(root, childOf(operation.place, "requestBody"));

  return readSchemas(root, (read) => {
    const ofParameters = parameters.map((parameter) => ({
      ...parameter,
      schema: parameter.bound ? {} : parameterSchema(root, parameter, read),
    }));
    const content = body === null ? null : readBody(body, read);
    const named = nameArguments([
      ...ofParameters,
      ...(body === null || content === null ? [] : slotsOf(content, body.required)),
    ]);
    return {
      inputSchema: schemaOf(named.filter(({ bound }) => !bound)),
      parameters: named.flatMap(({ in: place, name, argument, bound }) =>
        place === "body" ? [] : [{ name, in: place, argument, bound }],
      ),
      body: body === null || content === null ? null : bodyOf(body, content, named),
    };
  });
}

function slotsOf(content: BodySchema, isBodyRequired: boolean): Slot[] {
  const shared = { in: "body", bound: false } as const;
  if (content.mode === "argument") {
    return [{ ...shared, name: "body", wanted: "body", required: isBodyRequired, schema: content.schema }];
  }
  return Object.entries(content.properties).map(([name, schema]) => {
    // What an optional body requires is required only once there is a body.
    const required = isBodyRequired && content.required.includes(name);
    return { ...shared, name, wanted: name, required, schema };
  });
}

/**
 * Gives each slot an argument of its own. The first that wants a name gets it; the others get their place in
 * front of it, and never a name that somebody else wants.
 */
function nameArguments(slots: readonly Slot[]): NamedSlot[] {
  const wanted = new Set(slots.map((slot) => legalArgument(slot.wanted)));
  const taken = new Set<string>();
  return slots.map((slot) => {
    const own = legalArgument(slot.wanted);
    let argument = own;
    for (let prefix = `${slot.in}_`; taken.has(argument); prefix += `${slot.in}_`) {
      const prefixed = boundedName(prefix + own);
      if (!wanted.has(prefixed)) argument = prefixed;
    }
    taken.add(argument);
    return { ...slot, argument };
  });
}

/** Anthropic refuses a request for one argument named otherwise, such as `filter[name]`. */
function legalArgument(name: string): string {
  if (/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) return name;
  return boundedName(withoutOuterUnderscores(name.replace(/[^a-zA-Z0-9_.-]+/g, "_")) || "argument");
}

function schemaOf(slots: readonly NamedSlot[]): ToolInputSchema {
  const required = slots.filter((slot) => slot.required).map(({ argument }) => argument);
  return {
    type: "object",
    properties: Object.fromEntries(slots.map(({ argument, schema }) => [argument, schema])),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function bodyOf(
  { contentType, required }: ChosenBody,
  { mode }: BodySchema,
  named: readonly NamedSlot[],
): OpenApiBody {
  const properties = named
    .filter((slot) => slot.in === "body")
    .map(({ name, argument }) => ({ name, argument }));
  if (mode === "properties") return { mode, contentType, properties, required };
  return { mode, contentType, argument: properties[0]?.argument ?? "body", required };
}
