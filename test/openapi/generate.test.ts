import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { documents, generateTypes, typesFileOf } from "../../src/openapi/generate.js";

describe.each(documents.map((document) => [document.pathname.split("/").at(-2), document] as const))(
  "the types of %s",
  (_, document) => {
    test("are those of the document: `npm run generate` changes nothing", async () => {
      expect(await generateTypes(document)).toBe(await readFile(typesFileOf(document), "utf8"));
    });

    test("say that they are generated", async () => {
      expect(await readFile(typesFileOf(document), "utf8")).toMatch(/^\/\/ auto-generated .*openapi\.json/);
    });
  },
);
