import { ToolsetError } from "../errors/toolset-error.js";
import { choiceOf, shownKey } from "./choice.js";
import type { FoundOperation, OpenApiToolsOptions } from "./operation.js";
import {
  boundedName,
  longestName,
  portableName,
  shortHash,
  withoutOuterUnderscores,
} from "./portable-name.js";

/** What every provider takes: OpenAI's and Anthropic's rule. */
const legalName = new RegExp(`^[a-zA-Z0-9_-]{1,${longestName}}$`);

/**
 * Names all operations at once, so that no two are the same. Chosen names are given first, since nobody may
 * take those; then the others in the order of the document.
 *
 * @throws {@link ToolsetError} `invalid_argument` for a chosen name that is not legal or not the only one
 */
export function nameTools(
  found: readonly FoundOperation[],
  names: NonNullable<OpenApiToolsOptions["names"]>,
): (operation: FoundOperation) => string {
  const isMode = typeof names === "string";
  if (isMode && !["truto", "portable"].includes(names)) {
    throw new ToolsetError(
      "invalid_argument",
      `"names" is "${names}". Give "truto", "portable", a record of names by operation id, or a function.`,
    );
  }
  const keys = found.map(({ key }) => key);
  const chosenFor = choiceOf<string>("names", isMode ? undefined : names, keys, {
    allows: (name) => typeof name === "string" && legalName.test(name),
    rule: `Names are 1 to ${longestName} letters, digits, "_" and "-".`,
  });
  const fit = names === "portable" ? portableName : (name: string) => name;

  const named = new Map<FoundOperation, string>();
  const taken = new Map<string, FoundOperation>();
  const give = (operation: FoundOperation, name: string): void => {
    named.set(operation, name);
    taken.set(name, operation);
  };
  for (const operation of found) {
    const name = chosenFor(operation.key) ?? statedName(operation, fit);
    if (name === undefined) continue;
    const holder = taken.get(name);
    if (holder !== undefined) {
      throw new ToolsetError(
        "invalid_argument",
        `The tool name "${name}" is chosen for ${shownKey(holder.key)} and for ${shownKey(operation.key)}. ` +
          `Give each a name of its own.`,
      );
    }
    give(operation, name);
  }
  for (const operation of found) {
    if (named.has(operation)) continue;
    const { operationId, httpMethod, path } = operation.key;
    const own = legalized(operationId ?? "") || `${httpMethod}_${legalized(path)}`;
    let name = fit(boundedName(own));
    for (let salt = ""; taken.has(name); salt += "+") {
      name = fit(boundedName(`${own}_${shortHash(`${httpMethod} ${path}${salt}`)}`));
    }
    give(operation, name);
  }
  return (operation) => named.get(operation) ?? "";
}

function statedName({ key, extension }: FoundOperation, fit: (name: string) => string): string | undefined {
  const { name } = extension;
  if (name === undefined) return undefined;
  if (legalName.test(name)) return fit(name);
  throw new ToolsetError(
    "invalid_argument",
    `"x-langchain-tool" of ${shownKey(key)} gives a name that providers refuse. ` +
      `Names are 1 to ${longestName} letters, digits, "_" and "-".`,
  );
}

function legalized(text: string): string {
  if (/^[a-zA-Z0-9_-]+$/.test(text)) return text;
  return withoutOuterUnderscores(text.replace(/[^a-zA-Z0-9_-]+/g, "_"));
}
