/** How deeply a call's arguments may be nested; what tools take is far below that. */
const deepest = 32;

/** Whether a value is nested so deeply that serialising it could exhaust the stack. */
export function isTooDeep(value: unknown, levels = deepest): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((inner) => isTooDeep(inner, levels - 1));
  // Lists of many objects: a list of the values of each would take longer than everything else.
  for (const name in value) {
    if (isTooDeep((value as Record<string, unknown>)[name], levels - 1)) return true;
  }
  return false;
}

/** The same of JSON text, which takes its parser the longer the deeper it is nested. */
export function isTooDeepText(json: string, levels = deepest): boolean {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (isText && character === "\\") index += 1;
    else if (character === '"') isText = !isText;
    else if (!isText && (character === "[" || character === "{")) depth += 1;
    else if (!isText && (character === "]" || character === "}")) depth -= 1;
    if (depth > levels) return true;
  }
  return false;
}
