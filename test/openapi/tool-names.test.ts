import { describe, expect, test } from "vitest";
import { descriptorsFromOpenApi } from "../../src/openapi/descriptors.js";
import type { OpenApiDocument } from "../../src/openapi/document.js";
import type { OpenApiToolsOptions } from "../../src/openapi/operation.js";
import { portableName, shortHash } from "../../src/openapi/portable-name.js";
import { documentOf } from "./small-documents.js";

function namesOf(document: OpenApiDocument, names?: OpenApiToolsOptions["names"]): string[] {
  return descriptorsFromOpenApi(document, names === undefined ? {} : { names }).map(({ name }) => name);
}

function withIds(...ids: (string | undefined)[]): OpenApiDocument {
  return documentOf(
    Object.fromEntries(
      ids.map((operationId, index) => [
        `/things${index}`,
        { get: operationId === undefined ? {} : { operationId } },
      ]),
    ),
  );
}

const stated = documentOf({
  "/a": { get: { operationId: "a", "x-langchain-tool": { name: "1_password_a" } } },
  "/b": { get: { operationId: "b" } },
});

describe("portableName", () => {
  test.each([
    ["1_password_users_suspend", "onepassword_users_suspend"],
    ["1password_users", "onepassword_users"],
    ["list_all_1_password_users", "list_all_1_password_users"],
    ["2fa_enable", "tool_2fa_enable"],
    ["-dash", "tool_-dash"],
    ["_private", "_private"],
  ])("makes of %s %s", (name, expected) => {
    expect(portableName(name)).toBe(expected);
  });

  test("stays within 64 characters, and keeps two long names apart", () => {
    const [one, two] = ["a", "b"].map((end) => portableName(`1_password_${"x".repeat(53)}${end}`));
    expect(one).toMatch(/^onepassword_x+_[0-9a-z]{7}$/);
    expect(one).toHaveLength(64);
    expect(two).not.toBe(one);
  });
});

describe("names of tools", () => {
  test("are what the document says, else the operation id, else method and path", () => {
    expect(namesOf(stated)).toEqual(["1_password_a", "b"]);
    expect(
      namesOf(
        documentOf({
          "/users/{id}:suspend": { post: { parameters: [{ name: "id", in: "path", schema: {} }] } },
        }),
      ),
    ).toEqual(["post_users_id_suspend"]);
  });

  test.each([
    [":SuspendUser", "SuspendUser"],
    ["users.list all", "users_list_all"],
    ["_legal-already_", "_legal-already_"],
    ["", "get_things0"],
    ["用户", "get_things0"],
  ])("made of the operation id %j are legal: %s", (operationId, name) => {
    expect(namesOf(withIds(operationId))).toEqual([name]);
  });

  test("that are too long are cut, and stay the same from run to run", () => {
    const published = { text: "foobar", hash: 0xbf9cf968 };
    expect(shortHash(published.text)).toBe(published.hash.toString(36));
    expect(namesOf(withIds("x".repeat(65)))).toEqual([`${"x".repeat(56)}_${shortHash("x".repeat(65))}`]);
  });

  test("that are the same get a hash of method and path, the first one keeping its own", () => {
    const names = namesOf(withIds("list things", "list.things", "list/things"));
    expect(names[0]).toBe("list_things");
    expect(names.slice(1)).toEqual([
      expect.stringMatching(/^list_things_[0-9a-z]{7}$/),
      expect.stringMatching(/^list_things_[0-9a-z]{7}$/),
    ]);
    expect(new Set(names).size).toBe(3);
  });

  test("do not change for other operations when one is added after them", () => {
    expect(namesOf(withIds("a b", "a.b", "c")).slice(0, 2)).toEqual(namesOf(withIds("a b", "a.b")));
  });

  test("that somebody chose are never taken by others", () => {
    const names = namesOf(withIds("b", "a"), { a: "b" });
    expect(names[1]).toBe("b");
    expect(names[0]).toMatch(/^b_[0-9a-z]{7}$/);
  });

  test("names: portable leaves no digit in front", () => {
    expect(namesOf(stated, "portable")).toEqual(["onepassword_a", "b"]);
    expect(namesOf(withIds("2fa"), "portable")).toEqual(["tool_2fa"]);
  });

  test("names: a record or a function chooses, and leaves what it does not know", () => {
    expect(namesOf(stated, { b: "bee" })).toEqual(["1_password_a", "bee"]);
    expect(namesOf(stated, ({ path }) => (path === "/a" ? "ay" : undefined))).toEqual(["ay", "b"]);
  });

  test("names: a record chooses nothing for an operation that is called like what all objects have", () => {
    expect(namesOf(withIds("constructor", "b"), { b: "bee" })).toEqual(["constructor", "bee"]);
  });

  test.each([
    [{ c: "x" }, '"names" names the operation "c", which the document does not have. It has: a, b.'],
    [{ a: "not legal" }, '"names" gives "not legal" for "a" (GET /a). Names are 1 to 64'],
    [() => "same", 'The tool name "same" is chosen for "a" (GET /a) and for "b" (GET /b).'],
    [{ constructor: "x" }, '"names" names the operation "constructor"'],
    ["trutto" as "truto", '"names" is "trutto". Give "truto", "portable"'],
  ])("names: %j is refused", (names, message) => {
    expect(() => namesOf(stated, names as OpenApiToolsOptions["names"])).toThrow(message);
  });

  test("of a document that gives one no provider takes are refused", () => {
    const document = documentOf({ "/a": { get: { "x-langchain-tool": { name: "suspend user" } } } });
    expect(() => namesOf(document)).toThrow(
      '"x-langchain-tool" of "GET /a" gives a name that providers refuse',
    );
  });
});
