import type { JsonSchema } from "../descriptor.js";
import { plainText } from "../content/plain-text.js";
import { userIdPattern } from "../user.js";
import { fits, idIn, ownSchema } from "./fitting-arguments.js";
import { emailIn } from "./nearest-search.js";
import { nextStep } from "./next-step.js";
import type { Situation } from "./situation.js";

/**
 * The words for arguments that do not fit a tool: each names the parameter and the value, and the last one
 * the next call to make. Nothing was sent.
 */
export function argumentWords(situation: Situation): string {
  const { descriptor, args } = situation;
  const { properties, required = [] } = descriptor.inputSchema;
  const problems = [
    ...required
      .filter((name) => args[name] === undefined)
      .map((name) => missing(name, ownSchema(properties, name))),
    ...Object.entries(args).flatMap(([name, value]) => {
      const schema = ownSchema(properties, name);
      if (schema === undefined) return unknown(name, situation);
      return fits(value, schema) ? [] : misfit(name, value, schema);
    }),
  ];
  const told =
    problems.length > 0 ? problems.join(" ") : "The arguments do not fit the tool's schema together.";
  return `${told} Nothing was sent. ${nextStep(situation)}`;
}

/** The words for input that is not an object of arguments at all. */
export function inputWords({ descriptor }: Situation, input: unknown): string {
  return (
    `${descriptor.name} takes an object of arguments, and was given ${shownValue(input)}. Nothing was sent. ` +
    `Next: ${wantedObject(descriptor)}.`
  );
}

function missing(name: string, schema: JsonSchema | undefined): string {
  return `"${name}" is missing; it must be ${expectation(schema ?? {})}.`;
}

function unknown(name: string, { descriptor }: Situation): string[] {
  const names = Object.keys(descriptor.inputSchema.properties);
  const known = names.length === 0 ? "it takes none" : `its arguments are ${names.join(", ")}`;
  return [`"${plainText(name, 60)}" is not an argument of ${descriptor.name}: ${known}.`];
}

function misfit(name: string, value: unknown, schema: JsonSchema): string {
  const given = `"${name}" is ${shownValue(value)}`;
  if (name === "id" && typeof value === "string") {
    if (emailIn(value) !== undefined) return `${given}, which is an email address; an id is ${idWords}.`;
    if (idIn(value) !== undefined) {
      return `${given}; an id is ${idWords}, copied exactly as find or list showed it.`;
    }
    return `${given}, which is not an id; an id is ${idWords}, and cannot be guessed.`;
  }
  if (name === "filter")
    return `${given}, and the API's filter knows only ${expectation(schema)}: it cannot search.`;
  return `${given}; it must be ${expectation(schema)}.`;
}

/** The pattern of a text that has anything in it at all. */
const notBlank = "\\S";
const idWords = "26 upper-case letters and digits";

/** What a schema wants, in words. */
export function expectation(schema: JsonSchema): string {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, pattern } = schema;
  const { minLength, maxLength, minItems, maxItems, multipleOf } = schema;
  if (Array.isArray(schema.enum))
    return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(", ")}`;
  if ("const" in schema) return JSON.stringify(schema.const);
  if (pattern === userIdPattern.source) return idWords;
  const kind = Array.isArray(type) ? type.join(" or ") : typeof type === "string" ? type : "another value";
  const article = /^[aeiou]/.test(kind) ? "an" : "a";
  const bounds = [
    range(minimum, maximum, ""),
    typeof exclusiveMinimum === "number" ? `above ${exclusiveMinimum}` : "",
    typeof exclusiveMaximum === "number" ? `below ${exclusiveMaximum}` : "",
    typeof multipleOf === "number" && multipleOf !== 1 ? `that is a multiple of ${multipleOf}` : "",
    range(minLength, maxLength, " characters"),
    range(minItems, maxItems, " entries"),
    typeof pattern !== "string" ? "" : pattern === notBlank ? "that is not blank" : `that matches ${pattern}`,
  ].filter((bound) => bound !== "");
  return [kind === "another value" ? kind : `${article} ${kind}`, ...bounds].join(" ");
}

function range(lowest: unknown, highest: unknown, unit: string): string {
  // Zod 4 writes the bounds of a safe integer into every integer's schema; they tell a model nothing.
  const low = lowest === Number.MIN_SAFE_INTEGER ? undefined : lowest;
  const high = highest === Number.MAX_SAFE_INTEGER ? undefined : highest;
  if (typeof low === "number" && typeof high === "number") return `from ${low} to ${high}${unit}`;
  if (typeof low === "number") return `of at least ${low}${unit}`;
  return typeof high === "number" ? `of at most ${high}${unit}` : "";
}

/** How much of a value is shown, in UTF-16 code units. */
const longestValue = 120;

function shownValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(plainText(value, longestValue));
  // No more entries are shown than fit.
  const shown: unknown = Array.isArray(value) ? value.slice(0, longestValue) : value;
  // `undefined` has no JSON.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-conversion
  return plainText(String(JSON.stringify(shown)), longestValue);
}

function wantedObject({ name, inputSchema: { properties, required = [] } }: Situation["descriptor"]): string {
  if (required.length === 0) return `call ${name} with {}, or with arguments that fit`;
  const wanted = required.map((one) => `"${one}" (${expectation(ownSchema(properties, one) ?? {})})`);
  return `call it with an object that has ${wanted.join(", ")}`;
}
