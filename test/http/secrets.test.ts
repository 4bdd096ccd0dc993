import fc from "fast-check";
import { expect, test } from "vitest";
import { base64, withoutSecrets } from "../../src/http/secrets.js";

const secret = fc
  .string({ minLength: 6, maxLength: 60, unit: "grapheme" })
  .filter((text) => /^\S+$/.test(text));

test("a secret is taken out in every form that an echo may have", () => {
  fc.assert(
    fc.property(secret, (text) => {
      const forms = [text, encodeURIComponent(text), base64(text), JSON.stringify(text).slice(1, -1)];
      for (const form of forms) {
        expect(withoutSecrets(`echo: ${form} end`, [text])).toBe("echo: [secret] end");
      }
    }),
    { numRuns: 300 },
  );
});

test("text without a secret stays as it is", () => {
  expect(withoutSecrets("no_owner_remain", ["abcdef123", "abc"])).toBe("no_owner_remain");
});
