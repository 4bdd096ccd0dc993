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
  "«jo.leaver@example.com»",
  "**jo.leaver@example.com**",
  "_jo.leaver@example.com_",
  "{jo.leaver@example.com}",
  "jo.leaver@example.com!",
  "jo.leaver@example.com…",
  "~jo.leaver@example.com",
  "@jo.leaver@example.com",
  "=jo.leaver@example.com",
  "email=jo.leaver@example.com&x",
  "+jo.leaver@example.com",
  "https://idp.example/jo.leaver@example.com",
  "azure-ad\\jo.leaver@example.com",
  "DOMAIN\\jo.leaver",
  "okta|jo.leaver",
  "jo.leaver(at)example.com",
  "Support [Jo Leaver]",
  "Jo Leaver",
  "Leaver, Jo",
];

test.each(spellings)("%s may be the one who asked", (text) => {
  expect(mayBeSame(text, email)).toBe(true);
  expect(mayBeSame(email, text)).toBe(true);
  expect(mayName(text, { id: "A".repeat(26), email, display_name: "" })).toBe(true);
});

test.each([
  ["auth0|123", "auth0|456"],
  ["service:offboarding", "service:hr"],
  ["https://idp.example/|a1", "https://idp.example/|b2"],
  ["arn:aws:iam::1:user/jo", "arn:aws:iam::1:user/sam"],
  ["Jo Leaver (IT)", "Sam Smith (IT)"],
  ["Jo Leaver [EXT]", "Sam Smith [EXT]"],
])("%s is not %s, whatever they have in common", (one, other) => {
  expect(mayBeSame(one, other)).toBe(false);
  expect(mayBeSame(other, one)).toBe(false);
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
