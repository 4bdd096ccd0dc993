import { Validator } from "@langchain/core/utils/json_schema";
import type { JsonSchema } from "../descriptor.js";
import { plainText } from "../content/plain-text.js";
import { userIdPattern } from "../user.js";
import { askSomebody, nextCall, type Situation } from "./situation.js";

const looksLikeName = /^\p{L}[\p{L}\p{M}'’ .-]{1,80}$/u;

/** What stands between an email and the words around it. */
const aroundEmails = /[\s"'<>()=,:;]+/;

/** So much of a value is looked at. */
const longestLookedAt = 1000;

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
      .map((name) => missing(name, own(properties, name))),
    ...Object.entries(args).flatMap(([name, value]) => {
      const schema = own(properties, name);
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
    `Next: call it with ${exampleOf(descriptor.inputSchema.properties, descriptor.inputSchema.required ?? [])}.`
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

function nextStep(situation: Situation): string {
  const { args, descriptor } = situation;
  const email = Object.values(args)
    .map(emailIn)
    .find((found) => found !== undefined);
  if (email !== undefined && descriptor.method !== "find") {
    const find = nextCall(
      situation,
      "find",
      { email: plainText(email, 254) },
      "and use the id that it gives",
    );
    if (find !== undefined) return find;
  }
  const { id } = args;
  if (typeof id === "string" && !userIdPattern.test(id) && descriptor.method !== "find") {
    const meant = idIn(id);
    if (meant !== undefined) return `Next: call ${descriptor.name} with ${JSON.stringify({ id: meant })}.`;
    const criterion = looksLikeName.test(id)
      ? { name_contains: plainText(id, 60) }
      : { email: "<the person's email>" };
    const find = nextCall(situation, "find", criterion, "and use the id that it gives");
    return find ?? nextCall(situation, "list", {}, "and use an id that it gives") ?? askSomebody;
  }
  if (descriptor.method === "find") return `Next: call ${descriptor.name} with ${criterionIn(args)}.`;
  const fitting = fittingArguments(situation);
  const { required = [] } = descriptor.inputSchema;
  if (required.every((name) => name in fitting)) {
    return `Next: call ${descriptor.name} with ${JSON.stringify(fitting)}, or with other arguments that fit.`;
  }
  const unfit = required.filter((name) => !(name in fitting));
  if (unfit.length === 1 && unfit[0] === "reason") {
    return `Next: make the same call with a reason, such as the ticket that asks for it; where you were given none, ask for one.`;
  }
  if (required.includes("id")) {
    const find = nextCall(situation, "find", { email: "<the person's email>" }, "to learn the id");
    return find ?? nextCall(situation, "list", {}, "to learn the id") ?? askSomebody;
  }
  return `Next: call ${descriptor.name} again with arguments that fit.`;
}

/** The email inside of a value, without the punctuation of the sentence around it. */
function emailIn(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value.slice(0, longestLookedAt).split(aroundEmails).map(withoutEndMarks).find(isLikeEmail);
}

function withoutEndMarks(word: string): string {
  let end = word.length;
  while (end > 0 && ".!?])}".includes(word.charAt(end - 1))) end -= 1;
  return word.slice(0, end);
}

/** Whether a word has something before its last `@`, and a dot within what stands behind it. */
function isLikeEmail(word: string): boolean {
  const at = word.lastIndexOf("@");
  return at > 0 && word.includes(".", at + 2);
}

/** The id that a value holds in another form: in lower case, with blanks around it, or as a path. */
function idIn(value: string): string | undefined {
  const id = value.slice(0, longestLookedAt).trim().split("/").at(-1)?.toUpperCase() ?? "";
  return userIdPattern.test(id) ? id : undefined;
}

/** What a search with a misspelt criterion most likely meant. */
function criterionIn(args: Readonly<Record<string, unknown>>): string {
  for (const [name, value] of Object.entries(args)) {
    if (typeof value !== "string" || value.trim() === "") continue;
    const email = emailIn(value);
    if (email !== undefined) return JSON.stringify({ email: plainText(email, 254) });
    if (/domain/i.test(name)) return JSON.stringify({ email_domain: plainText(value, 253) });
    if (/name|query|search/i.test(name)) return JSON.stringify({ name_contains: plainText(value, 100) });
    if (/^(active|suspended)/i.test(value)) {
      return JSON.stringify({ state: /^active/i.test(value) ? "ACTIVE" : "SUSPENDED" });
    }
  }
  return "email, emails, email_domain, name_contains or state, or without any for the number of people";
}

/** The arguments as given, less those that do not fit; a number out of bounds is brought to the bound. */
function fittingArguments({ args, descriptor }: Situation): Record<string, unknown> {
  const fitting: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    const schema = own(descriptor.inputSchema.properties, name);
    if (schema === undefined) continue;
    if (fits(value, schema)) fitting[name] = value;
    else if (typeof value === "number" && Number.isInteger(value)) {
      const { minimum, maximum } = schema;
      if (typeof maximum === "number" && value > maximum) fitting[name] = maximum;
      else if (typeof minimum === "number" && value < minimum) fitting[name] = minimum;
    }
  }
  return fitting;
}

/** A property by its name; a model may well name one that every object inherits, such as `constructor`. */
function own(properties: Record<string, JsonSchema>, name: string): JsonSchema | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function fits(value: unknown, schema: JsonSchema): boolean {
  return new Validator(schema).validate(value).valid;
}

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

function shownValue(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(plainText(value, 120));
  // `undefined` has no JSON.
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-conversion
  return plainText(String(JSON.stringify(value)), 120);
}

function exampleOf(properties: Record<string, JsonSchema>, required: readonly string[]): string {
  return JSON.stringify(
    Object.fromEntries(required.map((name) => [name, `<${expectation(properties[name] ?? {})}>`])),
  );
}
