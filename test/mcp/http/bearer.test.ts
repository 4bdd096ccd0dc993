import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bearerTokens } from "../../../src/mcp/http/bearer.js";

const first = "first-token-0123456789-0123456789";
const second = "second+token/0123456789~0123456789==";
const who = bearerTokens([
  { name: "first", token: first },
  { name: "second", token: second },
]);
const withHeader = (authorization: string) =>
  who(new Request("http://localhost/", { headers: { authorization } }));

test("a token is known by its name", async () => {
  expect(await withHeader(`Bearer ${first}`)).toBe("first");
  expect(await withHeader(`bearer  ${second}`)).toBe("second");
});

test.each([
  "",
  first,
  `Basic ${first}`,
  "Bearer",
  "Bearer ",
  `Bearer ${first} ${second}`,
  `Bearer ${first}, Bearer ${second}`,
  `Bearer "${first}"`,
  `Bearer ${first.toUpperCase()}`,
  `Bearer ${first}=`,
  `Bearer ${"x".repeat(10_000)}`,
])("%j is nobody", async (header) => {
  expect(await withHeader(header)).toBeUndefined();
});

test("no token is nobody", async () => {
  expect(await who(new Request("http://localhost/"))).toBeUndefined();
  expect(await bearerTokens([])(new Request("http://localhost/"))).toBeUndefined();
});

test("whatever is sent is nobody, but for the tokens themselves", async () => {
  const near = fc
    .tuple(fc.nat(first.length - 1), fc.stringMatching(/^[\x21-\x7e]{0,2}$/))
    .map(([at, other]) => {
      return first.slice(0, at) + other + first.slice(at + 1);
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(near, fc.stringMatching(/^[\x20-\x7e]{0,60}$/)), async (sent) => {
      fc.pre(sent !== first && sent !== second);
      expect(await withHeader(`Bearer ${sent}`)).toBeUndefined();
    }),
  );
});

describe("tokens that could not protect anything are refused, and never shown", () => {
  test.each([
    [
      "too short",
      [{ name: "ci", token: "hunter2-hunter2-hunter2" }],
      'has for "ci" a token of 23 characters',
    ],
    ["not to be carried", [{ name: "ci", token: `hunter2 ${"x".repeat(40)}` }], "no header can carry"],
    ["no text", [{ name: "ci", token: undefined }], "that is no text"],
    ["without a name", [{ name: " ", token: first }], "without a name"],
    [
      "given twice",
      [
        { name: "one", token: first },
        { name: "other", token: first },
      ],
      'has the token of "other" twice',
    ],
  ])("%s", (_what, tokens, message) => {
    const make = () => bearerTokens(tokens as never);
    expect(make).toThrow(expect.objectContaining({ code: "invalid_argument" }));
    expect(make).toThrow(message);
    for (const secret of ["hunter2", first]) expect(make).not.toThrow(secret);
  });
});
