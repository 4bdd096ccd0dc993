/** Headers of any make, `Headers` or a plain record with strings, numbers or lists of them, by lower-case names. */
export function foreignHeaders(headers: unknown): Record<string, string> {
  if (typeof headers !== "object" || headers === null) return {};
  const entries: [string, unknown][] = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const texts: [string, string][] = [];
  for (const [name, value] of entries) {
    const text = Array.isArray(value) ? value.join(", ") : value;
    if (typeof text === "string" || typeof text === "number") texts.push([name.toLowerCase(), String(text)]);
  }
  return Object.fromEntries(texts);
}
