import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { comparableEmail, readEmailAddress, readEmailDomain } from "../src/email-address.js";

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
const label = fc.string({ unit: fc.constantFrom(...Array.from(letters)), minLength: 1, maxLength: 10 });
const localPart = fc
  .tuple(
    label,
    fc.string({
      unit: fc.constantFrom(...Array.from(letters), ...Array.from("!#$%&'*+/=?^_{}~.-é李")),
      maxLength: 12,
    }),
    label,
  )
  .map((parts) => parts.join(""));
const domain = fc
  .tuple(label, fc.constantFrom("com", "co.uk", "de", "example"))
  .map((parts) => parts.join("."));

/** An address as a directory has it: nothing around it, nothing to be mapped. */
const plain = fc.tuple(localPart, domain).map((parts) => parts.join("@"));

const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (character) => String.fromCodePoint(character.charCodeAt(0) + 0xfee0));

/** Forms in which people and systems write an address. */
const decorations: Readonly<Record<string, (address: string) => string>> = {
  "a link": (address) => `mailto:${encodeURIComponent(address)}?subject=Your%20leave&body=a%40b`,
  "an Exchange proxy address": (address) => `SMTP:${address}`,
  "a secondary proxy address": (address) => `smtp:${address}`,
  "a name and brackets": (address) => `Smith, L. <${address}>`,
  "a quoted name": (address) => `"Smith, L." <${address}>`,
  "a name of another script": (address) => `山田「${address}」`,
  "brackets alone": (address) => `<${address}>`,
  "its own name": (address) => `${address} <${address}>`,
  "a link in brackets": (address) => `Smith <mailto:${encodeURIComponent(address)}>`,
  "a Markdown link": (address) => `[${address}](mailto:${encodeURIComponent(address)})`,
  "a chat's link": (address) => `<mailto:${encodeURIComponent(address)}|${address}>`,
  "a comment": (address) => `${address} (Smith)`,
  "a name before parentheses": (address) => `L. Smith (${address})`,
  "the end of a sentence": (address) => `${address}.`,
  "an item of a list": (address) => ` ${address};`,
  "a line of a list": (address) => `- ${address}`,
  "a slash": (address) => `${address}/`,
  "a root's dot": (address) => `${address}.`,
  "a sheet's apostrophe": (address) => `'${address}`,
  "a formula": (address) => `="${address}"`,
  "English quotes": (address) => `“${address}”`,
  "German quotes": (address) => `„${address}“`,
  "French quotes": (address) => `« ${address} »`,
  "Japanese quotes": (address) => `「${address}」`,
  "single quotes": (address) => `‘${address}’`,
  "straight quotes": (address) => `"${address}"`,
  "bold text": (address) => `**${address}**`,
  blanks: (address) => `\u00a0\t${address}\u3000\n`,
  "other width": fullWidth,
  "a byte order mark": (address) => `\ufeff${address}`,
  "invisible characters": (address) => Array.from(address).join("\u200b\u00ad\u2060"),
  "capital letters": (address) => address.toUpperCase(),
  "accents apart": (address) => address.normalize("NFD"),
};

describe("an address is one address", () => {
  test.each(Object.entries(decorations))("with %s", (_what, decorate) => {
    fc.assert(
      fc.property(plain, (address) => {
        expect(readEmailAddress(decorate(address))).toEqual({ address });
      }),
      { numRuns: 100 },
    );
  });

  test("in every decoration of a decoration that still says one thing", () => {
    const names = ["a quoted name", "an Exchange proxy address", "English quotes", "an item of a list"];
    const outer = [...names, "invisible characters", "the end of a sentence", "blanks", "other width"];
    fc.assert(
      fc.property(plain, fc.constantFrom(...names), fc.constantFrom(...outer), (address, inside, around) => {
        const text = decorations[around]!(decorations[inside]!(address));
        expect(readEmailAddress(text)).toEqual({ address });
      }),
    );
  });

  test("with its domain in Unicode or in ASCII", () => {
    const unicode = fc.string({
      unit: fc.constantFrom(...Array.from("aäßéλд李❤")),
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(label, unicode, (local, name) => {
        const ascii = new URL(`http://${name}.example`).hostname;
        const read = readEmailAddress(`${local}@${name}.EXAMPLE.`);
        expect(read).toEqual({ address: `${local}@${ascii}` });
        expect(readEmailAddress(`${local}@${ascii}`)).toEqual(read);
        expect(comparableEmail(`${local}@${name}.example`)).toBe(read.address);
      }),
    );
  });
});

test("two plain addresses are never read as one, and are compared as they are read", () => {
  const close = fc.constantFrom(
    ...["le@x.com", "l.e@x.com", "le+1@x.com", "lе@x.com", "1e@x.com", "le@x.com.au", "le@x.co"],
    ...["straße@x.de", "strasse@x.de", "le@straße.de", "le@strasse.de", "o'brien@x.com", "o’brien@x.com"],
    ...["li@x.com", "lı@x.com", "mueller@x.de", "müller@x.de", "muller@x.de", "ﬁ@x.com", "fi@x.com"],
  );
  const comparable = (address: string) => {
    const [local, host] = address.split("@");
    return `${local}@${new URL(`http://${host}`).hostname}`;
  };
  fc.assert(
    fc.property(fc.oneof(plain, close), fc.oneof(plain, close), (one, other) => {
      expect(readEmailAddress(one)).toEqual({ address: comparable(one) });
      expect(comparableEmail(one)).toBe(comparable(one));
      expect(readEmailAddress(one).address === readEmailAddress(other).address).toBe(one === other);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ["nothing", " "],
  ["a name", "Michael Scott"],
  ["two addresses", "a@x.com, b@x.com"],
  ["two addresses that are one text", "a@x.com b@x.com"],
  ["a name that is another's address", "a@x.com <b@x.com>"],
  ["a comment that holds another address", "a@x.com (was b@x.com)"],
  ["a link to several people", "mailto:a@x.com,b@x.com"],
  ["a link with a copy to others", "mailto:a@x.com?cc=b@x.com"],
  ["a chat's link that shows another", "<mailto:a@x.com|b@x.com>"],
  ["a link with broken escapes", "mailto:a%4@x.com"],
  ["no part before the @", "@x.com"],
  ["no domain", "a@"],
  ["an empty label", "a@x..com"],
  ["a domain that is a number", "a@127.1"],
  ["a domain that a URL takes for a number", "a@𝟏𝟐𝟕.𝟏"],
  ["a path behind the domain", "a@x.com/inbox"],
  ["a port", "a@x.com:25"],
  ["escapes in the domain", "a@ex%61mple.com"],
  ["blanks inside", "a @x.com"],
  ["spelt out", "a at x dot com"],
  ["another scheme", "sip:a@x.com"],
  ["a zero byte", "a\u0000@x.com"],
  ["a guest's sign-in name", "a_x.com#EXT#@y.onmicrosoft.com"],
  ["an address that is too long", `${"a".repeat(250)}@x.com`],
  ["a book", "a@x.com ".repeat(10_000)],
])("%s is not read as an address, and why is said", (_what, text) => {
  const { address, why } = readEmailAddress(text);
  expect(address).toBeUndefined();
  expect(why).toMatch(/email address|cannot be seen/);
  expect(why!.length).toBeLessThan(200);
});

test("an email of a directory that only holds an address is not that address", () => {
  fc.assert(
    fc.property(plain, fc.string(), fc.string({ minLength: 1 }), (address, before, after) => {
      const emails = [`${before} <${address}>`, `${address}>${after}`, `'${address}`, `mailto:${address}`];
      for (const email of emails) {
        expect(comparableEmail(email)).not.toBe(address);
        expect(readEmailAddress(comparableEmail(email).trim()).address).not.toBe(comparableEmail(email));
      }
    }),
  );
});

test("any text at all is read in a moment, as an address that reads as itself or not at all", () => {
  const piece = fc.constantFrom(
    ...Array.from("()<>[]|\"'`*.,;:@ \\\u200c「」aA.-é"),
    "mailto:",
    "x.com",
    "a@x.com",
    "xn--",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 500 }), (pieces) => {
      const start = performance.now();
      const { address } = readEmailAddress(pieces.join(""));
      expect(performance.now() - start).toBeLessThan(500);
      if (address !== undefined) expect(readEmailAddress(address)).toEqual({ address });
    }),
    { numRuns: 500 },
  );
});

test("a domain is read like that of an address", () => {
  expect(readEmailDomain("@Straße.DE.").domain).toBe("xn--strae-oqa.de");
  expect(readEmailDomain("ｅｘａｍｐｌｅ．ｃｏｍ/").domain).toBe("example.com");
  for (const text of ["", "*.example.com", "example.*", "example.com*", "a@example.com", "exa mple.com"])
    expect(readEmailDomain(text).why).toContain("is not a domain");
});
