import { describe, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod/v3";
import {
  defineTool,
  HttpError,
  isToolsetError,
  RateLimitError,
  ToolsetError,
  type AnswerMeta,
  type Call,
  type CallResult,
  type Context,
  type Layer,
  type ToolArtifact,
  type ToolDefinition,
  type ToolDescriptor,
  type ToolErrorArtifact,
  type ToolSource,
  type ToolsetErrorCode,
  type ToolsetEvent,
  type User,
} from "langchain-1password";

declare const result: CallResult;
declare const event: ToolsetEvent;
declare const thrown: unknown;

describe("defineTool", () => {
  const common = { name: "get_ticket", description: "Reads a ticket.", kind: "read" } as const;

  test("takes a call whose arguments are as its author writes them", () => {
    const schema = z.object({ number: z.number() });
    const tool = defineTool({ ...common, schema, call: ({ number }: { number: number }) => number + 1 });
    expectTypeOf(tool).toEqualTypeOf<ToolDefinition>();
    defineTool({
      ...common,
      schema,
      call: (args: z.infer<typeof schema>, context) => context.readUser(String(args.number)),
    });
    defineTool({ ...common, schema, call: () => undefined });
    defineTool({ ...common, schema, call: async (_args: object, { signal }) => signal.aborted });
  });

  test("takes Zod 3, Zod 4 and JSON Schema", () => {
    defineTool({ ...common, schema: z3.object({ number: z3.number() }), call: () => 1 });
    defineTool({ ...common, schema: z.object({ number: z.number() }), call: () => 1 });
    defineTool({ ...common, schema: { type: "object", properties: {} }, call: () => 1 });
    // @ts-expect-error a text is no schema
    defineTool({ ...common, schema: "object", call: () => 1 });
  });

  test("infers a call's arguments from a Zod 4 schema, as Zod gives them", () => {
    const schema = z.object({ number: z.number(), state: z.enum(["open", "closed"]).default("open") });
    defineTool({
      ...common,
      schema,
      call: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ number: number; state: "open" | "closed" }>();
      },
    });
    // @ts-expect-error the number is no text
    defineTool({ ...common, schema, call: ({ number }: { number: string }) => number });
    // @ts-expect-error there is no such argument
    defineTool({ ...common, schema, call: ({ title }) => String(title) });
  });

  test("infers a call's arguments from a Zod 3 schema", () => {
    const schema = z3.object({ number: z3.number(), note: z3.string().optional() });
    defineTool({
      ...common,
      schema,
      call: ({ number, note }) => {
        expectTypeOf(number).toEqualTypeOf<number>();
        expectTypeOf(note).toEqualTypeOf<string | undefined>();
      },
    });
    // @ts-expect-error the number is no text
    defineTool({ ...common, schema, call: ({ number }: { number: string }) => number });
  });

  test("infers a call's arguments from a JSON Schema that is written in place or as const", () => {
    defineTool({
      ...common,
      schema: {
        type: "object",
        properties: {
          number: { type: "integer" },
          state: { enum: ["open", "closed"] },
          tags: { type: "array", items: { type: "string" } },
          note: { type: ["string", "null"] },
          by: {
            anyOf: [
              { type: "string" },
              { type: "object", properties: { id: { const: 5 } }, required: ["id"] },
            ],
          },
        },
        required: ["number", "state", "tags", "note", "by"],
      },
      call: ({ number, state, tags, note, by }) => {
        expectTypeOf(number).toEqualTypeOf<number>();
        expectTypeOf(state).toEqualTypeOf<"open" | "closed">();
        expectTypeOf(tags).toEqualTypeOf<readonly string[]>();
        expectTypeOf(note).toEqualTypeOf<string | null>();
        if (typeof by !== "string") expectTypeOf(by.id).toEqualTypeOf<5>();
      },
    });
    const schema = { type: "object", properties: { number: { type: "number" } } } as const;
    defineTool({
      ...common,
      schema,
      call: ({ number }) => {
        expectTypeOf(number).toEqualTypeOf<number | undefined>();
      },
    });
    // @ts-expect-error the number may be missing
    defineTool({ ...common, schema, call: ({ number }: { number: number }) => number });
    // @ts-expect-error the number is no text
    defineTool({ ...common, schema, call: ({ number }: { number?: string }) => number });
  });

  test("knows nothing of the arguments of a JSON Schema that came from elsewhere", () => {
    const schema = {} as Record<string, unknown>;
    defineTool({
      ...common,
      schema,
      call: (args) => {
        expectTypeOf(args).toEqualTypeOf<Readonly<Record<string, unknown>>>();
      },
    });
    // @ts-expect-error nobody knows that it is a number
    defineTool({ ...common, schema, call: ({ number }: { number: number }) => number });
  });

  test("needs to be told whether it only looks", () => {
    const { kind: _kind, ...rest } = common;
    // @ts-expect-error the kind is missing
    defineTool({ ...rest, schema: {}, call: () => 1 });
    // @ts-expect-error no such kind
    defineTool({ ...rest, kind: "safe", schema: {}, call: () => 1 });
  });
});

describe("a layer", () => {
  test("is a function from a call to a call", () => {
    expectTypeOf<Layer>().toEqualTypeOf<(next: Call) => Call>();
    const passing: Layer = (next) => next;
    const refusing: Layer = () => () => Promise.resolve({ kind: "refused", code: "protected", text: "No." });
    const reading: Layer = (next) => async (request) => {
      const user = await request.context.readUser(String(request.args.id), { fresh: true });
      request.context.targets = { state: "known", users: [user] };
      return next({ ...request, args: { ...request.args, more: 1 } });
    };
    expectTypeOf([passing, refusing, reading]).toEqualTypeOf<Layer[]>();
    // @ts-expect-error a refusal has a code that is known
    const mistaken: Layer = () => () => Promise.resolve({ kind: "refused", code: "no", text: "No." });
    expectTypeOf(mistaken).toEqualTypeOf<Layer>();
  });

  test("cannot change whose call it is", () => {
    const context = {} as Context;
    if (context.targets.state === "known")
      expectTypeOf(context.targets.users).toEqualTypeOf<readonly User[]>();
    // @ts-expect-error the account is a fact
    context.account = "another";
    // @ts-expect-error so is whether writes are only planned
    context.dryRun = true;
  });
});

test("a result is known by its kind", () => {
  switch (result.kind) {
    case "answer":
      expectTypeOf(result.data).toEqualTypeOf<unknown>();
      expectTypeOf(result.meta).toEqualTypeOf<AnswerMeta>();
      break;
    case "write":
      expectTypeOf(result.changed).toEqualTypeOf<boolean | null>();
      expectTypeOf(result.previous).toEqualTypeOf<"ACTIVE" | "SUSPENDED" | "STATE_UNSPECIFIED" | "unknown">();
      expectTypeOf(result.user).toEqualTypeOf<User | undefined>();
      break;
    case "planned":
      expectTypeOf(result.would).toEqualTypeOf<string>();
      break;
    case "refused":
      expectTypeOf(result.code).toEqualTypeOf<ToolsetErrorCode>();
      expectTypeOf(result.retryAfterMs).toEqualTypeOf<number | undefined>();
      break;
    default:
      expectTypeOf(result).toBeNever();
  }
  // @ts-expect-error not every result has data
  expectTypeOf(result.data).toEqualTypeOf<unknown>();
});

test("an event is known by its type", () => {
  if (event.type === "wait") expectTypeOf(event.waitMs).toEqualTypeOf<number>();
  else if (event.type === "page") expectTypeOf(event.people).toEqualTypeOf<number>();
  else expectTypeOf(event.changed).toEqualTypeOf<boolean | null>();
});

describe("an error", () => {
  test("has more fields the more is known of it", () => {
    if (isToolsetError(thrown)) expectTypeOf(thrown).toEqualTypeOf<ToolsetError>();
    if (thrown instanceof RateLimitError) {
      expectTypeOf(thrown.retryAfterMs).toEqualTypeOf<number | null>();
      expectTypeOf(thrown.headers["ratelimit-reset"]).toEqualTypeOf<string | undefined>();
    } else if (thrown instanceof HttpError) {
      expectTypeOf(thrown.status).toEqualTypeOf<number>();
      expectTypeOf(thrown.requestId).toEqualTypeOf<string | null>();
      expectTypeOf(thrown.reason).toEqualTypeOf<string | null>();
    } else if (thrown instanceof ToolsetError) {
      expectTypeOf(thrown.code).toEqualTypeOf<ToolsetErrorCode>();
      expectTypeOf(thrown.retryable).toEqualTypeOf<boolean>();
      expectTypeOf(thrown.cause).toEqualTypeOf<unknown>();
      // @ts-expect-error only an answer has a status
      expectTypeOf(thrown.status).toEqualTypeOf<number>();
    }
    expectTypeOf<RateLimitError>().toExtend<HttpError>();
    expectTypeOf<HttpError>().toExtend<ToolsetError>();
    expectTypeOf<ToolsetError>().toExtend<Error>();
  });

  test("has the codes that are agreed, and no other", () => {
    expectTypeOf<ToolsetErrorCode>().toEqualTypeOf<
      | "invalid_argument"
      | "not_found"
      | "forbidden"
      | "unauthorized"
      | "rate_limited"
      | "server_error"
      | "network"
      | "timeout"
      | "aborted"
      | "bad_response"
      | "identity_mismatch"
      | "identity_required"
      | "protected"
      | "budget_exhausted"
      | "repeated"
      | "approval_required"
      | "approval_rejected"
      | "approval_unavailable"
      | "approval_expired"
      | "audit_unavailable"
      | "out_of_scope"
      | "read_only"
      | "outcome_unknown"
    >();
  });
});

test("an artifact is that of a success or of an error", () => {
  expectTypeOf<keyof ToolArtifact>().toEqualTypeOf<
    "data" | "status" | "headers" | "rateLimit" | "requestId" | "nextCursor"
  >();
  expectTypeOf<ToolErrorArtifact>().toEqualTypeOf<{
    error: {
      code: ToolsetErrorCode;
      status: number | null;
      retryable: boolean;
      retryAfterMs: number | null;
      requestId: string | null;
    };
  }>();
});

test("a source of one's own is a list, a call and a key", () => {
  const source: ToolSource = {
    key: "https://service.example account",
    list: () => Promise.resolve<ToolDescriptor[]>([]),
    call: (_descriptor, args, context) =>
      context.send(
        () =>
          Promise.resolve({
            data: args,
            headers: {},
            meta: { status: 200, headers: {}, rateLimit: null, requestId: null, nextCursor: null },
          }),
        { idempotent: true },
      ),
  };
  expectTypeOf(source.readUser).toEqualTypeOf<
    ((id: string, context: Context) => Promise<User>) | undefined
  >();
});
