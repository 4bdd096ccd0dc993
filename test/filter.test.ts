import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ToolManager,
  type ManagerOptions,
  type ToolDescriptor,
  type ToolFilter,
  type ToolSource,
} from "langchain-1password";
import { toolsetErrorOf } from "./support/errors.js";

const standardVerbs = ["list", "get", "create", "update", "delete"];
const verbs = [...standardVerbs, "suspend", "reactivate", "find", "constructor"];
const tagWords = ["directory", "billing", "read", "toString"];

const descriptor = fc
  .record({
    method: fc.constantFrom(...verbs),
    kind: fc.constantFrom("read" as const, "write" as const),
    tags: fc.uniqueArray(fc.constantFrom(...tagWords)),
  })
  .map((chosen) => ({
    ...chosen,
    description: "A tool.",
    inputSchema: { type: "object" as const, properties: {} },
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  }));

/** The tools of some source, whose names tell their order. */
const descriptors: fc.Arbitrary<ToolDescriptor[]> = fc
  .array(descriptor, { maxLength: 12 })
  .map((all) => all.map((one, index) => ({ ...one, name: `tool_${index}` })));

const methodWords = fc.uniqueArray(fc.constantFrom("read", "write", "custom", ...standardVerbs), {
  minLength: 1,
});

/** Words that are none of the verbs, tags and groups, however close they come. */
const unknownWord = fc
  .oneof(
    fc.string(),
    fc.constantFrom(
      "reads",
      "READ",
      " read",
      "read ",
      "read,write",
      "*",
      "__proto__",
      "hasOwnProperty",
      "",
      "suspended",
    ),
  )
  .filter((word) => ![...verbs, ...tagWords, "read", "write", "custom"].includes(word));

function managerOf(
  all: readonly ToolDescriptor[],
  options: ManagerOptions = {},
  source: Partial<ToolSource> = {},
) {
  const list = () => Promise.resolve([...all]);
  const call = () => Promise.reject(new Error("Nothing is called here."));
  return new ToolManager({ ...options, source: { key: "test", list, call, ...source } });
}

async function namesOf(manager: ToolManager, filter: ToolFilter): Promise<string[]> {
  return (await manager.getDescriptors(filter)).map(({ name }) => name);
}

/** Those of the names that are in one of the lists, in the order of the names. */
function union(names: readonly string[], ...lists: readonly string[][]): string[] {
  return names.filter((name) => lists.some((list) => list.includes(name)));
}

describe("a filter", () => {
  test("is left out for everything, in the source's order", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, async (all) => {
        expect(await namesOf(managerOf(all), {})).toEqual(all.map(({ name }) => name));
      }),
    );
  });

  test("parts every account into reads and writes: each tool is one or the other", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, async (all) => {
        const manager = managerOf(all);
        const reads = await namesOf(manager, { methods: ["read"] });
        const writes = await namesOf(manager, { methods: ["write"] });
        const everything = all.map(({ name }) => name);
        expect(union(everything, reads, writes)).toEqual(everything);
        expect(reads.filter((name) => writes.includes(name))).toEqual([]);
        expect(all.filter(({ kind }) => kind === "read").map(({ name }) => name)).toEqual(reads);
      }),
    );
  });

  test("parts every account into custom verbs and the five standard ones", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, async (all) => {
        const manager = managerOf(all);
        const custom = await namesOf(manager, { methods: ["custom"] });
        const standard = await namesOf(manager, { methods: standardVerbs });
        expect([...custom, ...standard].sort()).toEqual(all.map(({ name }) => name).sort());
      }),
    );
  });

  test("of several words selects what each of them selects, once, in the source's order", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, methodWords, async (all, methods) => {
        const manager = managerOf(all);
        const one = await Promise.all(methods.map((method) => namesOf(manager, { methods: [method] })));
        expect(await namesOf(manager, { methods })).toEqual(
          union(
            all.map(({ name }) => name),
            ...one,
          ),
        );
      }),
    );
  });

  test("of methods and tags selects what both select", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, methodWords, async (all, methods) => {
        const manager = managerOf(all);
        const tags = [...new Set(all.flatMap((each) => each.tags))].slice(0, 2);
        fc.pre(tags.length > 0);
        const byMethod = await namesOf(manager, { methods });
        const byTag = await namesOf(manager, { tags });
        expect(byTag).toEqual(
          all.filter((each) => each.tags.some((tag) => tags.includes(tag))).map(({ name }) => name),
        );
        expect(await namesOf(manager, { methods, tags })).toEqual(
          byMethod.filter((name) => byTag.includes(name)),
        );
      }),
    );
  });

  test("selects the same from a source that filters by itself", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, methodWords, async (all, methods) => {
        const narrow = (filter: ToolFilter) => managerOf(all).getDescriptors(filter);
        const manager = managerOf([], {}, { list: narrow });
        expect(await namesOf(manager, { methods })).toEqual(await namesOf(managerOf(all), { methods }));
      }),
    );
  });
});

describe("a word that no tool goes by", () => {
  test("is an error, beside words that are known as well", async () => {
    await fc.assert(
      fc.asyncProperty(
        descriptors,
        unknownWord,
        methodWords,
        fc.boolean(),
        async (all, word, known, isTag) => {
          const filter = isTag ? { methods: known, tags: [word] } : { methods: [...known, word] };
          const error = await toolsetErrorOf(managerOf(all).getDescriptors(filter));
          expect(error.code).toBe("invalid_argument");
          expect(error.text).toContain(`"${word}"`);
        },
      ),
    );
  });

  test("is an error where the source itself gives nothing for it", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, unknownWord, async (all, word) => {
        const list = ({ methods }: ToolFilter) => Promise.resolve(methods === undefined ? [...all] : []);
        const error = await toolsetErrorOf(managerOf([], {}, { list }).getDescriptors({ methods: [word] }));
        expect(error.code).toBe("invalid_argument");
      }),
    );
  });

  test("is an error for getTools as well, which makes nothing then", async () => {
    const error = await toolsetErrorOf(managerOf([]).getTools({ methods: ["read", "suspendd"] }));
    expect(error.text).toMatch(/^The filter holds "suspendd", .*Methods: "read", "write", "custom", "list"/);
  });
});

describe("a manager that is read-only", () => {
  test("never gives a write, whatever it is asked for", async () => {
    await fc.assert(
      fc.asyncProperty(descriptors, fc.option(methodWords, { nil: undefined }), async (all, methods) => {
        const manager = managerOf(all, { readOnly: true });
        const filter = methods === undefined ? {} : { methods };
        const selected = await managerOf(all).getDescriptors(filter);
        const reads = selected.filter(({ kind }) => kind === "read");
        if (reads.length === 0 && selected.length > 0) {
          expect((await toolsetErrorOf(manager.getTools(filter))).code).toBe("read_only");
          return;
        }
        expect(await manager.getDescriptors(filter)).toEqual(reads);
        expect((await manager.getTools(filter)).map(({ name }) => name)).toEqual(
          reads.map(({ name }) => name),
        );
      }),
    );
  });
});
