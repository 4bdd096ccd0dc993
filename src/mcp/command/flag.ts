import { isToolsetError } from "../../errors/toolset-error.js";
import { UsageError } from "./command-errors.js";

/** An option of the library as the command line has it. */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Makes something of values that came from the command line.
 *
 * @throws {@link UsageError} where the library refuses one: it stands behind a flag
 */
export function asFlags<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (!isToolsetError(error) || error.code !== "invalid_argument") throw error;
    const [quoted, option] = /^"([a-z]\w*)(?:\.\w+)?"/.exec(error.text) ?? [];
    // Such as a variable of the environment.
    if (quoted === undefined || option === undefined) throw error;
    throw new UsageError(`${flagOf(option)}${error.text.slice(quoted.length)}`, { cause: error });
  }
}
