import fc from "fast-check";
import { expect, test } from "vitest";
import { mayBeSame, mayName, namesSomebody } from "../../src/layers/same-person.js";

const email = "jo.leaver@example.com";
const spellings = [
  "Jo.Leaver@Example.com",
  "mailto:jo.leaver@example.com",
  "mailto:jo.leaver%40example.com?subject=x",
  "Leaver Smith (jo.leaver@example.com)",
  "Leaver <joleaver@example.com>",
  "jo.leaver+approvals@example.com",
  "j.o.l.e.a.v.e.r@example.com.",
  "jo.leaver(comment)@example.com",
  "ｊｏ．ｌｅａｖｅｒ＠ｅｘａｍｐｌｅ．ｃｏｍ",
  "jo\u200b.leaver\u00ad@example.com",
  '"jo.leaver"@example.com',
  "jo.leaver @ example.com",
  "Jo Leaver",
  "Leaver, Jo",
];

test.each(spellings)("%s may be the one who asked", (text) => {
  expect(mayBeSame(text, email)).toBe(true);
  expect(mayBeSame(email, text)).toBe(true);
  expect(mayName(text, { id: "A".repeat(26), email, display_name: "" })).toBe(true);
});

test("everybody may be themselves, and somebody of another address and name is somebody else", () => {
  const word = fc.stringMatching(/^[a-z]{2,12}$/);
  fc.assert(
    fc.property(word, word, (one, other) => {
      expect(mayBeSame(`${one}@example.com`, `X <${one.toUpperCase()}+1@EXAMPLE.com>`)).toBe(true);
      expect(mayBeSame(`${one}@example.com`, `${other}@example.com`)).toBe(one === other);
      expect(mayBeSame(`${one}@a.example`, `${one}@b.example`)).toBe(false);
    }),
  );
  expect(namesSomebody(" \u200b.")).toBe(false);
});
