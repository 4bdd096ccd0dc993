import type { JsonSchema } from "../../src/descriptor.js";

const samplesByFormat: Record<string, string> = {
  "date-time": "2026-11-21T09:00:00Z",
  date: "2026-11-21",
  time: "09:00:00Z",
  email: "m.scott@example.com",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "123e4567-e89b-12d3-a456-426614174000",
};

/** A value that a schema describes: what it requires, and no more. Good enough for two public documents. */
export function sampleOf(schema: JsonSchema): unknown {
  const { const: only, enum: values, oneOf, anyOf, allOf, type, properties, required, items } = schema;
  if (only !== undefined) return only;
  if (Array.isArray(values)) return values[0];
  const alternative = ((oneOf ?? anyOf) as JsonSchema[] | undefined)?.[0];
  const parts = [...((allOf ?? []) as JsonSchema[]), ...(alternative === undefined ? [] : [alternative])];
  const [kind] = [type ?? (properties === undefined ? "string" : "object")].flat();
  if (parts.length > 0) {
    const samples = [...parts, ...(kind === "object" ? [{ type, properties, required }] : [])].map((part) =>
      sampleOf(part),
    );
    const isObject = samples.every(
      (sample) => typeof sample === "object" && sample !== null && !Array.isArray(sample),
    );
    return isObject ? (Object.assign({}, ...samples) as unknown) : samples[0];
  }
  if (kind === "object") {
    const schemas = (properties ?? {}) as Record<string, JsonSchema>;
    const names = (required ?? []) as string[];
    return Object.fromEntries(names.map((name) => [name, sampleOf(schemas[name] ?? {})]));
  }
  if (kind === "array") {
    return Array.from({ length: Number(schema.minItems ?? 0) }, () => sampleOf((items ?? {}) as JsonSchema));
  }
  if (kind === "integer" || kind === "number")
    return schema.minimum ?? Math.min(1, Number(schema.maximum ?? 1));
  if (kind === "boolean") return true;
  return kind === "null" ? null : stringFor(schema);
}

function stringFor({ format, minLength, pattern }: JsonSchema): string {
  const formatted = samplesByFormat[String(format)];
  if (formatted !== undefined) return formatted;
  const candidates = [
    "a",
    "a".repeat(Number(minLength ?? 1)),
    "#346DDB",
    "en",
    "/a",
    "1f600",
    "a.example.com",
  ];
  return (
    candidates.find(
      (one) =>
        new RegExp(typeof pattern === "string" ? pattern : "", "u").test(one) &&
        one.length >= Number(minLength ?? 0),
    ) ?? "a"
  );
}
