import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { OpenApiDocument } from "../../src/openapi/document.js";

const { resolve } = createRequire(import.meta.url);

/** GitBook's API, as its package ships it: OpenAPI 3.1, 377 operations. */
export function gitbook(): OpenApiDocument {
  return read(resolve("@gitbook/api/spec/openapi.json"));
}

/** Directus's API, as its package ships it: OpenAPI 3.0, 136 operations. */
export function directus(): OpenApiDocument {
  return read(new URL("../../node_modules/@directus/specs/dist/openapi.json", import.meta.url));
}

function read(file: string | URL): OpenApiDocument {
  return JSON.parse(readFileSync(file, "utf8")) as OpenApiDocument;
}
