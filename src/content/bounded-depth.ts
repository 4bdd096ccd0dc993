/** How deep lists and objects may stand in each other: JSON for people stays far below, and every reader copes. */
const deepest = 100;

/** What stands in the place of what lies deeper. */
const tooDeep = "… (nested too deep to be kept)";

/**
 * Data of others, without what is nested so deep that a reader that goes down by recursion (`JSON.stringify`, a
 * checkpoint, a tracer, a schema) would break on it. What is not so deep comes back as it is, not as a copy.
 */
export function withinDepth(data: unknown): unknown {
  return isDeeper(data) ? cut(data, deepest) : data;
}

/** Goes down level by level, without recursion; what contains itself is deeper than everything. */
function isDeeper(data: unknown): boolean {
  let level: Iterable<unknown> = [data];
  for (let depth = 0; depth < deepest; depth += 1) {
    const next = new Set<unknown>();
    for (const value of level) {
      if (isNested(value)) for (const inner of Object.values(value)) if (isNested(inner)) next.add(inner);
    }
    if (next.size === 0) return false;
    level = next;
  }
  return true;
}

function cut(value: unknown, levels: number): unknown {
  if (!isNested(value)) return value;
  if (levels === 0) return tooDeep;
  if (Array.isArray(value)) return value.map((inner) => cut(inner, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cut(inner, levels - 1)]));
}

/** Lists and plain objects; what has a class of its own, such as a date, is its own affair. */
function isNested(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
