import { ToolsetError } from "../errors/toolset-error.js";
import { refuseOption, shownOption } from "../option-error.js";
import { thrownKind, type WarningListener } from "../warning.js";

/** A secret, or what fetches it each time that it is needed, such as from a vault. */
export type SecretOption = string | (() => string | Promise<string>);

const orByEnvironment = "Give it as an option, or give all of them by environment variables.";

/**
 * Checks an option that is a text, and must not be blank.
 *
 * @param whereFrom - where one that is missing can come from, for the error
 * @throws {@link ToolsetError} `invalid_argument` naming the option
 */
export function checkText(
  option: string,
  value: unknown,
  whereFrom = orByEnvironment,
): asserts value is string {
  if (value === undefined || value === null || value === "")
    throw refuseOption(option, "is missing", whereFrom);
  if (typeof value !== "string") throw refuseOption(option, `is a ${typeof value}`, "Give a string.");
  if (value.trim() === "")
    throw refuseOption(option, "is blank", "Give a value that is not only white space.");
}

/**
 * Checks a secret without ever repeating it.
 *
 * @param whereFrom - where one that is missing can come from, for the error
 * @throws {@link ToolsetError} `invalid_argument` naming the option
 */
export function checkSecret(
  option: string,
  value: unknown,
  whereFrom = orByEnvironment,
): asserts value is string {
  checkText(option, value, whereFrom);
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(value)) {
    throw refuseOption(
      option,
      "holds a line break or another control character",
      "Trim it: files and shells like to add a newline at the end.",
    );
  }
}

/**
 * Reads a secret option anew, and checks what it gives before it is sent anywhere.
 *
 * @param warn - hears what the option throws where it is a function
 * @throws {@link ToolsetError} `unauthorized` when the option is a function and throws, which is its `cause`
 */
export function secretReader(
  option: string,
  secret: SecretOption,
  warn: WarningListener,
): () => Promise<string> {
  return async () => {
    if (typeof secret === "string") return secret;
    let value: unknown;
    try {
      value = await secret();
    } catch (error) {
      const what = `"${option}" is a function, and it threw${thrownKind(error)}`;
      warn(`${what}.`, { cause: error });
      throw new ToolsetError(
        "unauthorized",
        `${what}. Nothing was sent. Next: report this to the operator, who has been told what it threw.`,
        { cause: error, unsent: true },
      );
    }
    checkSecret(option, value, "The function given for it returned nothing.");
    return value;
  };
}

/**
 * Checks how long one request may take, in milliseconds.
 *
 * @throws {@link ToolsetError} `invalid_argument` for what no timer can wait for
 */
export function checkTimeout(option: string, value: number): void {
  if (Number.isFinite(value) && value > 0 && value <= 2 ** 31 - 1) return;
  throw refuseOption(option, `is ${value}`, "Give a number of milliseconds above 0, such as 30000.");
}

/**
 * Checks an option that is called, where it is given.
 *
 * @throws {@link ToolsetError} `invalid_argument` naming the option
 */
export function checkFunction(option: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw refuseOption(option, `is ${shownOption(value)}`, "Give a function.");
}
