import fc from "fast-check";
import { expect, test } from "vitest";
import { ToolManager, type ToolDescriptor, type ToolFilter, type ToolSource } from "langchain-1password";
import { pinnedClient, useHttp } from "../../support/mcp.js";
import { apiToken, useDesk } from "./servers.js";

const verbs = ["list", "get", "create", "update", "delete", "suspend", "export"] as const;
const tagWords = ["directory", "vaults", "billing"] as const;

const someDescriptors = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("alpha", "beta", "gamma", "delta", "epsilon", "zeta"),
    method: fc.constantFrom(...verbs),
    kind: fc.constantFrom("read" as const, "write" as const),
    tags: fc.uniqueArray(fc.constantFrom(...tagWords), { maxLength: 2 }),
  }),
  { selector: ({ name }) => name, minLength: 1 },
);
const words = (known: readonly string[], typo: string) =>
  fc.uniqueArray(
    fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...known) },
      { weight: 1, arbitrary: fc.constant(typo) },
    ),
    { minLength: 1, maxLength: 3 },
  );
const someFilter: fc.Arbitrary<ToolFilter> = fc.record(
  { methods: words(["read", "write", "custom", ...verbs], "raed"), tags: words(tagWords, "dirctory") },
  { requiredKeys: [] },
);

type Small = Pick<ToolDescriptor, "name" | "method" | "kind" | "tags">;

/** What a filter means, told once more. */
function selects({ methods, tags }: ToolFilter, { method, kind, tags: own }: Small): boolean {
  const isCustom = !["list", "get", "create", "update", "delete"].includes(method);
  const goesBy = [kind, method, ...(isCustom ? ["custom"] : [])];
  return (
    (methods?.some((word) => goesBy.includes(word)) ?? true) &&
    (tags?.some((word) => own.includes(word)) ?? true)
  );
}

function managerOf(descriptors: readonly Small[]): ToolManager {
  const source: ToolSource = {
    key: "test",
    list: async () =>
      descriptors.map((descriptor) => ({
        ...descriptor,
        description: "Does something.",
        inputSchema: { type: "object", properties: {} },
        target: "none" as const,
        annotations: {
          readOnlyHint: descriptor.kind === "read",
          destructiveHint: descriptor.kind === "write",
          idempotentHint: false,
          openWorldHint: false,
        },
      })),
    call: () => Promise.reject(new Error("Nothing is called here.")),
  };
  return new ToolManager({ source });
}

test("whatever config is taken, it selects nothing beyond the operator's tools, and writes only with an API token", async () => {
  const seen = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      someDescriptors,
      someFilter,
      fc.option(someFilter, { nil: undefined }),
      fc.boolean(),
      async (others, operator, config, withApiToken) => {
        const descriptors = [...others, always];
        const desk = useDesk(managerOf(descriptors), operator);
        const reply = await desk.admin("POST", "/mcp-servers", {
          name: "A",
          ...(config === undefined ? {} : { config }),
          require_api_token_auth: withApiToken,
        });
        seen[reply.status === 201 ? "taken" : "refused"] += 1;
        if (reply.status !== 201) {
          // 503 where the operator's own words are unknown, as a tag that no tool has.
          expect([400, 503]).toContain(reply.status);
          expect(await desk.store.list()).toEqual([]);
          return;
        }
        const taken = reply.json.config as ToolFilter;
        const allowed = descriptors.filter((one) => selects({ methods: ["read"], ...operator }, one));
        const selected = descriptors.filter((one) => selects(taken, one));
        expect(selected).not.toEqual([]);
        for (const one of selected) {
          expect(allowed).toContain(one);
          if (!withApiToken) expect(one.kind).toBe("read");
        }
        // What was asked for is what there is.
        if (config?.methods !== undefined) expect(taken.methods).toEqual(config.methods);
        if (config?.tags !== undefined) expect(taken.tags).toEqual(config.tags);
      },
    ),
    { numRuns: 500 },
  );
  // Otherwise nothing was shown.
  expect(seen.taken).toBeGreaterThan(20);
  expect(seen.refused).toBeGreaterThan(20);
});

test("whatever stands in the store, a client is shown nothing beyond the operator's tools, and writes only with an API token", async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      someDescriptors,
      someFilter,
      fc.option(someFilter, { nil: undefined, freq: 2 }),
      fc.boolean(),
      async (descriptors, operator, config, withApiToken) => {
        const desk = useDesk(managerOf([...descriptors, always]), { methods: ["read"], ...operator });
        const { id, token } = await useDesk(managerOf([always]), { store: desk.store }).handOut({
          require_api_token_auth: withApiToken,
        });
        const record = (await desk.store.get(id))!;
        await desk.store.delete(id);
        await desk.store.create({
          ...record,
          config: JSON.parse(JSON.stringify(config ?? operator)) as typeof record.config,
        });
        const { url, close } = await useHttp((request) => desk.servers.fetch(request));
        const allowed = descriptors.filter((one) => selects({ methods: ["read"], ...operator }, one));
        try {
          const client = await pinnedClient.connect(`${url}/${token}`, {
            headers: { authorization: `Bearer ${apiToken}` },
          });
          const shown = (await client.listTools())
            .map(({ name }) => name)
            .filter((name) => name !== always.name);
          await client.close();
          count += shown.length;
          for (const name of shown) {
            expect(allowed.map((one) => one.name)).toContain(name);
            const kind = descriptors.find((one) => one.name === name)?.kind;
            if (!withApiToken) expect(kind).toBe("read");
          }
        } catch (error) {
          // Not served at all, or the words are not known: nothing is shown.
          if (error instanceof Error && error.name === "AssertionError") throw error;
        } finally {
          await close();
        }
      },
    ),
    { numRuns: 100 },
  );
  // Otherwise nothing was shown.
  expect(count).toBeGreaterThan(5);
});

const always: Small = { name: "always", method: "get", kind: "read", tags: [...tagWords] };
