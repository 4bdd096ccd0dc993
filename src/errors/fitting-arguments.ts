import { Validator } from "@langchain/core/utils/json_schema";
import type { JsonSchema } from "../descriptor.js";
import { userIdPattern } from "../user.js";
import { emailIn, wordsOf } from "./nearest-search.js";
import type { Situation } from "./situation.js";

/** Arguments sorted by whether they fit a tool. */
export interface SortedArguments {
  /** Those that fit as they are, or once they are brought to the nearest value that does. */
  readonly fitting: Readonly<Record<string, unknown>>;
  /** Those that do not, by name. */
  readonly lost: Readonly<Record<string, unknown>>;
}

/** Cursors go back with all else the same, so that none stays where something else has to change. */
const cursors: ReadonlySet<string> = new Set(["page_token", "next_cursor", "cursor"]);

/** Sorts the arguments of a call that did not fit its tool. */
export function sortArguments({ args, descriptor }: Pick<Situation, "args" | "descriptor">): SortedArguments {
  const { properties } = descriptor.inputSchema;
  const fitting: Record<string, unknown> = {};
  const lost: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (cursors.has(name)) continue;
    const schema = ownSchema(properties, name);
    const near = schema === undefined || fits(value, schema) ? value : nearestValue(name, value, schema);
    if (schema !== undefined && near !== undefined && fits(near, schema)) fitting[name] = near;
    else lost[name] = value;
  }
  if (descriptor.kind === "read") takeEnumerated(fitting, lost, properties);
  else takeExpectedEmail(fitting, lost, properties);
  return { fitting, lost };
}

/** A property by its name; a model may well name one that every object inherits, such as `constructor`. */
export function ownSchema(properties: Record<string, JsonSchema>, name: string): JsonSchema | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** Whether a value is valid by a JSON Schema. */
export function fits(value: unknown, schema: JsonSchema): boolean {
  return new Validator(schema).validate(value).valid;
}

/** The id that a value holds in another form: in lower case, with blanks around it, or as a path. */
export function idIn(value: string): string | undefined {
  const id = value.slice(-200).trim().split("/").at(-1)?.toUpperCase() ?? "";
  return userIdPattern.test(id) ? id : undefined;
}

function nearestValue(name: string, value: unknown, schema: JsonSchema): unknown {
  if (typeof value === "string" && name === "id") return idIn(value);
  if (typeof value === "string" && Array.isArray(schema.enum)) return nearestOf(schema.enum, value);
  if (typeof value !== "number" || !Number.isInteger(value)) return undefined;
  const { minimum, maximum } = schema;
  if (typeof maximum === "number" && value > maximum) return maximum;
  return typeof minimum === "number" && value < minimum ? minimum : undefined;
}

/** Words that turn a value into its contrary, so that the nearest one would be the wrong one. */
const negations: ReadonlySet<string> = new Set(["not", "non", "no", "false", "without", "except", "!"]);

/** Among how many values a near one is looked for: where there are more, a text could mean too many of them. */
const mostValues = 200;

/** The one of several values that a text means by a word that no other has; `undefined` for none or several. */
function nearestOf(given: readonly unknown[], text: string): unknown {
  const words = wordsOf(text);
  if (given.length > mostValues || words.some((word) => negations.has(word))) return undefined;
  const values = [...new Set(given)];
  const wordsIn = values.map((value) => new Set(wordsOf(value)));
  const counts = new Map<string, number>();
  for (const word of wordsIn.flatMap((one) => [...one])) counts.set(word, (counts.get(word) ?? 0) + 1);
  const near = values.filter((_value, index) =>
    [...(wordsIn[index] ?? [])].some(
      (word) => counts.get(word) === 1 && words.some((one) => isSameWord(one, word)),
    ),
  );
  return near.length === 1 ? near[0] : undefined;
}

function isSameWord(given: string, word: string): boolean {
  return given === word || (given.length >= 5 && word.startsWith(given));
}

/** Takes a text under another name for the argument that has its value among those it may have. */
function takeEnumerated(
  fitting: Record<string, unknown>,
  lost: Record<string, unknown>,
  properties: Record<string, JsonSchema>,
): void {
  for (const [name, value] of Object.entries(lost)) {
    if (typeof value !== "string") continue;
    for (const [property, { enum: values }] of Object.entries(properties)) {
      if (property in fitting || !Array.isArray(values)) continue;
      const near = nearestOf(values, value);
      if (near === undefined) continue;
      fitting[property] = near;
      Reflect.deleteProperty(lost, name);
      break;
    }
  }
}

/** Takes an email that stands beside an id for what says whom the id is of. */
function takeExpectedEmail(
  fitting: Record<string, unknown>,
  lost: Record<string, unknown>,
  properties: Record<string, JsonSchema>,
): void {
  if (!("id" in fitting) || "expected_email" in fitting || !Object.hasOwn(properties, "expected_email"))
    return;
  for (const [name, value] of Object.entries(lost)) {
    const email = emailIn(value);
    if (email === undefined) continue;
    fitting.expected_email = email;
    Reflect.deleteProperty(lost, name);
    return;
  }
}
