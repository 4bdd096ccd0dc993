import type { IncomingHttpHeaders } from "node:http";
import type { DocumentedRequest } from "./documented-requests.js";
import type { KnownRequest } from "./environment.js";
import { parseTarget } from "./request-target.js";

/** A request as it came in. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the check found: the request taken apart, or one sentence for each thing that is not documented. */
export type CheckedRequest =
  | { kind: "known"; request: KnownRequest }
  | { kind: "violation"; sentences: string[]; documented: DocumentedRequest | null };

const allowedHeaders = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "authorization",
  "connection",
  "content-length",
  "content-type",
  "host",
  "priority",
  "transfer-encoding",
  "user-agent",
]);

/** Holds a request against what the vendors document. */
export type RequestCheck = (raw: RawRequest) => CheckedRequest;

/** Makes the check for a table of documented requests. */
export function createRequestCheck(table: readonly DocumentedRequest[]): RequestCheck {
  const routes = table.map((documented) => ({ documented, pattern: patternOf(documented.path) }));
  return (raw) => {
    const { path, query } = parseTarget(raw.target);
    for (const { documented, pattern } of routes) {
      const parameters = documented.method === raw.method ? matchPath(pattern, path) : null;
      if (parameters) return checkKnown(documented, parameters, query, raw);
    }
    const sentence = `"${raw.method} ${path}" is not a documented request: check the method, the path and the API version.`;
    return { kind: "violation", sentences: [sentence], documented: null };
  };
}

function patternOf(template: string): RegExp {
  // No parameter reaches across a slash, nor across the colon that sets a custom verb apart.
  return new RegExp(`^${template.replace(/\{(\w+)\}/g, "(?<$1>[^/:]+)")}$`);
}

function matchPath(pattern: RegExp, path: string): Record<string, string> | null {
  const match = pattern.exec(path);
  if (!match) return null;
  try {
    return Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    return null;
  }
}

function checkKnown(
  documented: DocumentedRequest,
  parameters: Record<string, string>,
  query: URLSearchParams,
  raw: RawRequest,
): CheckedRequest {
  const name = `${documented.method} ${documented.path}`;
  const body = readBody(documented, raw);
  const sentences = [
    ...checkNames([...query.keys()], documented.query, `a query parameter of ${name}`),
    ...checkHeaders(documented, raw.headers),
    ...body.problems.map((problem) => `${problem} in ${name}.`),
    ...checkNames(body.names, documented.body?.fields ?? [], `a field in the body of ${name}`),
  ];
  if (sentences.length > 0) return { kind: "violation", sentences, documented };
  return {
    kind: "known",
    request: { documented, parameters, query: Object.fromEntries(query), body: body.fields },
  };
}

function checkNames(given: readonly string[], documented: readonly string[], what: string): string[] {
  const known = documented.length > 0 ? `send only ${documented.join(", ")}` : "send none";
  return [...new Set(given)].flatMap((name) => {
    if (!documented.includes(name)) return [`"${name}" is not documented as ${what}: ${known}.`];
    if (given.indexOf(name) !== given.lastIndexOf(name)) return [`"${name}" must be given once as ${what}.`];
    return [];
  });
}

function checkHeaders(documented: DocumentedRequest, headers: IncomingHttpHeaders): string[] {
  const sentences = Object.keys(headers)
    .filter((header) => !allowedHeaders.has(header) && !header.startsWith("sec-fetch-"))
    .map((header) => `"${header}" is not a header that the API documents: leave it out.`);
  const userAgent = headers["user-agent"] ?? "";
  if (documented.api === "users" && !/^[^\s/]+\/[^\s/]+$/.test(userAgent)) {
    sentences.push(`"user-agent" must be <name>/<version>, not "${userAgent}": name your product.`);
  }
  return sentences;
}

interface ReadBody {
  problems: string[];
  names: string[];
  fields: Record<string, unknown>;
}

function readBody(documented: DocumentedRequest, raw: RawRequest): ReadBody {
  const given = (raw.headers["content-type"] ?? "").split(";", 1).join("").trim().toLowerCase();
  const empty: ReadBody = { problems: [], names: [], fields: {} };
  if (!documented.body) {
    if (raw.body !== "") empty.problems.push("No body is documented, and one was sent,");
    // Truto's own SDK names JSON on every request, with or without a body.
    if (given !== "" && !(documented.api === "truto" && given === "application/json")) {
      empty.problems.push(`No body is documented, and "content-type" is "${given}",`);
    }
    return empty;
  }
  if (given !== documented.body.contentType) {
    return { ...empty, problems: [`"content-type" must be ${documented.body.contentType}, not "${given}",`] };
  }
  if (given === "application/x-www-form-urlencoded") {
    const form = new URLSearchParams(raw.body);
    return { problems: [], names: [...form.keys()], fields: Object.fromEntries(form) };
  }
  const fields = parseObject(raw.body);
  if (!fields) return { ...empty, problems: ["The body must be a JSON object, and is not,"] };
  return { problems: [], names: Object.keys(fields), fields };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
    return value as Record<string, unknown>;
  } catch {
    return null;
  }
}
