import { Validator } from "@langchain/core/utils/json_schema";
import type { JsonSchema } from "../descriptor.js";
import { readEmailAddress, readEmailDomain } from "../email-address.js";
import { expectation } from "../errors/argument-words.js";
import { nearestName } from "../nearest-name.js";
import { refuseOption, refuseUnknownOptions, shownOption } from "../option-error.js";
import { findUsersDescriptor } from "./find-users-descriptor.js";
import { offboardUserDescriptor } from "./offboard-user-descriptor.js";

const reason: JsonSchema = { type: "string", minLength: 1, maxLength: 500 };
const configNames = ["signal", "configurable", "callbacks", "metadata", "writer"];

/**
 * Checks whom {@link findUsers} is to look for, as its tool's schema does.
 *
 * @throws {@link ToolsetError} `invalid_argument` for a criterion that is unknown, `undefined` or does not fit, and for
 * criteria that nobody can meet: each would be answered with everybody or with nobody, and look like an answer
 */
export function checkFindCriteria(criteria: unknown): void {
  const { properties } = findUsersDescriptor.inputSchema;
  checkBySchema(criteria, properties, "findUsers", Object.keys(properties));
  const {
    email,
    emails = [],
    email_domain: domain,
  } = criteria as {
    email?: string;
    emails?: string[];
    email_domain?: string;
  };
  if (domain === undefined) return;
  const { domain: wantedDomain } = readEmailDomain(domain);
  const wanted = (email === undefined ? emails : [email, ...emails]).map(
    (one) => readEmailAddress(one).address,
  );
  // The search itself says what is wrong with a domain or an email that is not understood.
  if (wantedDomain === undefined || wanted.includes(undefined)) return;
  if (wanted.length === 0 || wanted.some((one) => one?.endsWith(`@${wantedDomain}`) === true)) return;
  throw refuseOption(
    "email_domain",
    `is ${shownOption(domain)}, and none of the emails that are looked for is of it`,
    "Give the emails or the domain.",
  );
}

/**
 * Checks whom {@link offboardUser} is to offboard, as its tool's schema does.
 *
 * @throws {@link ToolsetError} `invalid_argument` for an option that is unknown, `undefined` or does not fit
 */
export function checkOffboarding(options: unknown): void {
  const { properties } = offboardUserDescriptor.inputSchema;
  checkBySchema(options, { ...properties, reason }, "offboardUser", ["email", "id"]);
}

/**
 * Checks the options of {@link auditAccess} by their names; the audit itself checks what they hold.
 *
 * @throws {@link ToolsetError} `invalid_argument` for an option that is unknown, or a `state` that is `undefined`
 */
export function checkAudit(options: unknown): void {
  refuseUnknownOptions(options, ["emails", "csv", "columns", "state", "fix", "reason"], "auditAccess");
  refuseUndefined(options as object, ["state"]);
  checkValue("reason", (options as { reason?: unknown }).reason, reason);
}

/**
 * Checks the config of a call without a model. A LangGraph node's config holds more than is read of it, so only what
 * is nearly a name that is read is refused.
 *
 * @throws {@link ToolsetError} `invalid_argument` for what is no config, and for a misspelt name
 */
export function checkConfig(config: unknown): void {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw refuseOption(
      "config",
      `is ${shownOption(config)}`,
      `Give an object with: ${configNames.join(", ")}.`,
    );
  }
  for (const name of Object.keys(config)) {
    const near = configNames.includes(name) ? undefined : nearestName(name, configNames);
    if (near !== undefined) {
      throw refuseOption(name, "is not a part of a call's config", `Did you mean "${near}"?`);
    }
  }
  const { signal, configurable, writer } = config as {
    signal?: Partial<AbortSignal> | null;
    configurable?: unknown;
    writer?: unknown;
  };
  // That of another realm is no instance of this one's AbortSignal.
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    throw refuseOption("signal", `is ${shownOption(signal)}`, "Give that of an AbortController.");
  }
  if (configurable !== undefined && (typeof configurable !== "object" || configurable === null)) {
    throw refuseOption("configurable", `is ${shownOption(configurable)}`, "Give an object.");
  }
  if (writer !== undefined && typeof writer !== "function") {
    throw refuseOption("writer", `is ${shownOption(writer)}`, "Give a function.");
  }
}

function checkBySchema(
  given: unknown,
  properties: Readonly<Record<string, JsonSchema>>,
  owner: string,
  criteria: readonly string[],
): void {
  refuseUnknownOptions(given, Object.keys(properties), owner);
  refuseUndefined(given as object, criteria);
  for (const [name, value] of Object.entries(given as object))
    checkValue(name, value, properties[name] ?? {});
}

/** Refuses what is `undefined`: it comes of a slip, such as a misspelt field, and would be looked for nowhere. */
function refuseUndefined(given: object, names: readonly string[]): void {
  for (const name of names) {
    if (Object.hasOwn(given, name) && (given as Record<string, unknown>)[name] === undefined) {
      throw refuseOption(name, "is undefined", "Give a value, or leave it out.");
    }
  }
}

function checkValue(name: string, value: unknown, schema: JsonSchema): void {
  if (value === undefined || fits(value, schema)) return;
  throw refuseOption(
    name,
    `is ${shownOption(value)}`,
    `It must be ${expectation(schema)}. Nothing was sent.`,
  );
}

function fits(value: unknown, schema: JsonSchema): boolean {
  try {
    return new Validator(schema).validate(value).valid;
  } catch {
    // What JSON does not have, such as an undefined entry of a list.
    return false;
  }
}
