/** How deeply a call's arguments may be nested; what tools take is far below that. */
const deepest = 32;

/** Whether a value is nested so deeply that serialising it could exhaust the stack. */
export function isTooDeep(value: unknown, levels = deepest): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isTooDeep(inner, levels - 1));
}
