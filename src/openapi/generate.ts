import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";

/** The documents that types are generated from, each into the `schema.d.ts` beside it. */
export const documents: readonly URL[] = ["users-api", "truto"].map(
  (source) => new URL(`../sources/${source}/openapi.json`, import.meta.url),
);

const head = "// auto-generated from openapi.json by `npm run generate`; change that file, not this one.\n\n";

/** Where the types of a document stand. */
export function typesFileOf(document: URL): URL {
  return new URL("schema.d.ts", document);
}

/** The types of a document, as TypeScript source: the same bytes every time. */
export async function generateTypes(document: URL): Promise<string> {
  const parsed = JSON.parse(await readFile(document, "utf8")) as OpenAPI3;
  return head + astToString(await openapiTS(parsed));
}

const [, script] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href) {
  for (const document of documents) await writeFile(typesFileOf(document), await generateTypes(document));
}
