import { describe, expectTypeOf, test } from "vitest";
import {
  askByInterrupt,
  withBackoff,
  type Ask,
  createGate,
  ToolManager,
  truto,
  TrutoLangchainToolManager,
  usersApi,
  type Gate,
  type SecretOption,
  type ToolFilter,
  type ToolManagerOptions,
  type ToolSource,
  type UsersApiOptions,
} from "langchain-1password";

declare const accountId: string;
declare const clientId: string;
declare const clientSecret: string;
declare const apiKey: string;
declare const integratedAccountId: string;
declare const source: ToolSource;

describe("where a manager's tools come from", () => {
  test("is the environment, the Users API's options, or a source", () => {
    expectTypeOf(ToolManager).constructorParameters.toEqualTypeOf<[options?: ToolManagerOptions]>();
    new ToolManager();
    new ToolManager({ readOnly: true });
    new ToolManager({ accountId, clientId, clientSecret, region: "eu" });
    new ToolManager({ source });
    new ToolManager({ source: usersApi({ accountId, clientId, clientSecret }) });
    new ToolManager({ source: truto({ apiKey, integratedAccountId }), names: "portable" });
  });

  test("is never a source with credentials beside it", () => {
    // @ts-expect-error credentials are the source's
    new ToolManager({ source, accountId, clientId, clientSecret });
    // @ts-expect-error one of them is too many
    new ToolManager({ source, clientSecret });
    // @ts-expect-error so is the address
    new ToolManager({ source, baseUrl: "https://api.1password.eu" });
  });

  test("needs all of a source's options", () => {
    // @ts-expect-error no client secret
    usersApi({ accountId, clientId });
    // @ts-expect-error no integrated account
    truto({ apiKey });
    // @ts-expect-error the key is missing
    new TrutoLangchainToolManager({});
  });

  test("is a secret as a text or a function, at once or later", () => {
    expectTypeOf<UsersApiOptions["clientSecret"]>().toEqualTypeOf<SecretOption>();
    usersApi({ accountId, clientId, clientSecret: () => clientSecret });
    usersApi({ accountId, clientId, clientSecret: async () => clientSecret });
    truto({ integratedAccountId, apiKey: async () => apiKey });
    // An environment variable that is not set is refused by name when it is given.
    new TrutoLangchainToolManager({ apiKey: process.env.TRUTO_API_KEY });
    // @ts-expect-error a Buffer is no text
    usersApi({ accountId, clientId, clientSecret: Buffer.from("secret") });
    // @ts-expect-error a function may not give nothing
    usersApi({ accountId, clientId, clientSecret: () => undefined });
  });
});

describe("a wrong word is an error of the compiler:", () => {
  test("of a manager", () => {
    // @ts-expect-error the option is "readOnly"
    new ToolManager({ readonly: true });
    // @ts-expect-error not a way to handle errors
    new ToolManager({ handleErrors: "some" });
    // @ts-expect-error not a set of names
    new ToolManager({ names: "gemini" });
    // @ts-expect-error not an extent of artifacts
    new ToolManager({ artifact: "raw" });
    // @ts-expect-error a word is no list of words
    void new ToolManager().getTools({ methods: "read" });
    // @ts-expect-error filters are by methods and tags
    void new ToolManager().getTools({ method: ["read"] });
    // @ts-expect-error the same for Truto's class
    void new TrutoLangchainToolManager({ apiKey }).getTools(integratedAccountId, { methods: "read" });
  });

  test("of a source", () => {
    // @ts-expect-error not a region
    usersApi({ accountId, clientId, clientSecret, region: "us" });
    // @ts-expect-error not a version
    usersApi({ accountId, clientId, clientSecret, apiVersion: "v2" });
    // @ts-expect-error milliseconds are a number
    usersApi({ accountId, clientId, clientSecret, timeoutMs: "30s" });
    // @ts-expect-error the option is "baseUrl"
    truto({ apiKey, integratedAccountId, baseURL: "https://api.truto.one" });
  });

  test("of an answer to a request for approval", () => {
    const manager = (ask: Ask) => new ToolManager({ source, approval: { ask } });
    manager(() => ({ decision: "approve", approver: "it@example.com" }));
    manager(async ({ id }) => Promise.resolve({ decision: "reject", requestId: id }));
    manager(askByInterrupt(() => "whatever it is resumed with"));
    // @ts-expect-error true is no answer
    manager(() => true);
    // @ts-expect-error a misspelt decision is none
    manager(() => ({ decision: "aprove" }));
    // @ts-expect-error a text is no answer
    manager(() => "approve");
    // @ts-expect-error nor is nothing
    manager(async () => Promise.resolve());
  });

  test("of what is no source, tool or list of tools", () => {
    // @ts-expect-error a source is made by truto()
    new ToolManager({ source: "truto" });
    // @ts-expect-error a tool is made by defineTool
    new ToolManager({ source, tools: [{ name: "get_ticket" }] });
    // @ts-expect-error a manager is no list of tools
    withBackoff(new ToolManager({ source }));
  });

  test("of backoff", () => {
    new ToolManager({ source, backoff: true });
    new ToolManager({ source, backoff: { maxWaitMs: 1000, maxAttempts: 3, gate: createGate() } });
    new ToolManager({
      source,
      backoff: {
        onBackoff: ({ waitMs, attempt, reason }) => {
          expectTypeOf(waitMs).toEqualTypeOf<number>();
          expectTypeOf(attempt).toEqualTypeOf<number>();
          expectTypeOf(reason).toExtend<string>();
        },
      },
    });
    expectTypeOf(createGate).returns.toEqualTypeOf<Gate>();
    // @ts-expect-error the option is "maxWaitMs"
    new ToolManager({ source, backoff: { maxWait: 1000 } });
    // @ts-expect-error backoff is on, off, or has options
    new ToolManager({ source, backoff: "on" });
  });
});

test("options may be passed on as they came, those that nobody gave among them", () => {
  const given: { readOnly?: boolean | undefined; region?: "com" | undefined } = {};
  new ToolManager({ source, readOnly: given.readOnly, backoff: undefined });
  usersApi({ accountId, clientId, clientSecret, region: given.region, fetch: undefined });
  const filter: ToolFilter = { tags: ["directory"] as const };
  // @ts-expect-error what selects tools is not left out by undefined
  expectTypeOf<{ methods: undefined }>().toExtend<ToolFilter>();
  void new ToolManager({ source }).getDescriptors(filter);
});

test("a manager can be disposed of", () => {
  expectTypeOf<ToolManager>().toExtend<AsyncDisposable>();
});
