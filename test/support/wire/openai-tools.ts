import * as z from "zod";
import type { JsonObject } from "./loopback.js";
import { Refusal } from "./refusal.js";
import type { BodyFault } from "./parse-body.js";
import type { NormalisedTool } from "./turn.js";

/** A function as both of OpenAI's APIs take it, with the place where it stands in the request. */
export interface OpenAIFunction {
  /** `tools[0].function` in chat completions, `tools[0]` in responses. */
  readonly place: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly parameters: JsonObject | undefined;
}

/** The fields of a function in both APIs. No other field is taken. */
export const functionFields = {
  name: z.string(),
  description: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  strict: z.boolean().nullable().optional(),
};

/** OpenAI's wording of a body that does not fit. */
export function invalidRequest(fault: BodyFault): Refusal {
  const [unknownKey] = fault.unknownKeys;
  if (unknownKey === undefined)
    return new Refusal(400, `Invalid value for '${fault.path}': ${fault.message}.`, { param: fault.path });
  const param = fault.path === "" ? unknownKey : `${fault.path}.${unknownKey}`;
  return new Refusal(400, `Unknown parameter: '${param}'.`, { param, code: "unknown_parameter" });
}

/**
 * The tools of a request, checked as OpenAI checks them: the name's characters and length, a description
 * of at most 1,024 characters, parameters that are an object's schema without composition at the top
 * level, and `items` for every array.
 *
 * @see https://github.com/getsentry/sentry-mcp/issues/106 (the description's length, as OpenAI words it)
 * @throws Refusal for the first function that breaks a rule.
 */
export function checkFunctions(functions: readonly OpenAIFunction[]): NormalisedTool[] {
  if (functions.length > 128)
    throw invalid(
      "tools",
      `array too long. Expected an array with maximum length 128, but got an array with length ${functions.length} instead.`,
      "array_above_max_length",
    );
  return functions.map(({ place, name, description = "", parameters }) => {
    if (!/^[a-zA-Z0-9_-]+$/.test(name))
      throw invalid(
        `${place}.name`,
        "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
        "invalid_value",
      );
    checkLength(`${place}.name`, name, 64);
    checkLength(`${place}.description`, description, 1024);
    if (parameters !== undefined) checkParameters(place, name, parameters);
    return { name, description, schema: parameters ?? {} };
  });
}

function checkLength(place: string, text: string, maximum: number): void {
  if (text.length > maximum)
    throw invalid(
      place,
      `string too long. Expected a string with maximum length ${maximum}, but got a string with length ${text.length} instead.`,
      "string_above_max_length",
    );
}

function checkParameters(place: string, name: string, parameters: JsonObject): void {
  const refused = (rule: string) =>
    new Refusal(400, `Invalid schema for function '${name}': ${rule}`, {
      param: `${place}.parameters`,
      code: "invalid_function_parameters",
    });
  if (parameters.type !== "object")
    throw refused(
      `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(parameters.type ?? null)}'.`,
    );
  if (["oneOf", "anyOf", "allOf", "enum", "not"].some((keyword) => keyword in parameters))
    throw refused(
      "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
    );
  const context = arrayWithoutItems(parameters, []);
  if (context !== undefined)
    throw refused(
      `In context=(${context.map((step) => `'${step}'`).join(", ")}), array schema missing items.`,
    );
}

function arrayWithoutItems(schema: unknown, context: readonly string[]): readonly string[] | undefined {
  if (typeof schema !== "object" || schema === null) return undefined;
  const { type, items, properties, anyOf, oneOf, allOf } = schema as JsonObject;
  if ((type === "array" || (Array.isArray(type) && type.includes("array"))) && items === undefined)
    return context;
  const inner: [string[], unknown][] = [
    ...Object.entries((properties ?? {}) as JsonObject).map(([key, value]): [string[], unknown] => [
      ["properties", key],
      value,
    ]),
    [["items"], items],
    ...[anyOf, oneOf, allOf].flatMap((branches) =>
      Array.isArray(branches)
        ? branches.map((branch: unknown, index): [string[], unknown] => [[String(index)], branch])
        : [],
    ),
  ];
  for (const [step, value] of inner) {
    const found = arrayWithoutItems(value, [...context, ...step]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function invalid(param: string, rule: string, code: string): Refusal {
  return new Refusal(400, `Invalid '${param}': ${rule}`, { param, code });
}
