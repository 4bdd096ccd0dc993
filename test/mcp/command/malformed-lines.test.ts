import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonLines } from "../../../src/mcp/command/json-lines.js";
import { StoppableTransport } from "../../../src/mcp/stoppable-transport.js";

/** The command's transport, behind which every request is answered with its method. */
async function useLines() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const transport = new StoppableTransport(new JsonLines(input, output));
  transport.onmessage = (message) => {
    if ("method" in message && "id" in message)
      void transport.send({ jsonrpc: "2.0", id: message.id, result: { method: message.method } });
  };
  await transport.start();
  return async (...texts: (string | Buffer)[]) => {
    for (const text of texts) input.write(text);
    await new Promise((resolve) => setImmediate(resolve));
    const written = (output.read() as Buffer | null)?.toString() ?? "";
    const lines = written.split("\n").filter((line) => line !== "");
    return lines.map(
      (line) => JSON.parse(line) as { id: unknown; error?: { code: number }; result?: unknown },
    );
  };
}

const ping = (more: object = {}) => JSON.stringify({ jsonrpc: "2.0", id: 7, method: "ping", ...more });

describe("over stdio", () => {
  test("a request is answered whatever its params are", async () => {
    const sent = await useLines();
    const params = fc.oneof(
      fc.anything(),
      fc.json().map((text) => JSON.parse(text) as unknown),
    );
    await fc.assert(
      fc.asyncProperty(params, fc.oneof(fc.string(), fc.integer()), async (given, id) => {
        let text: string;
        try {
          text = ping({ params: given, id });
        } catch {
          return;
        }
        const answers = await sent(`${text}\n`);
        expect(answers).toHaveLength(1);
        expect(answers[0]!.id).toBe(id);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["a byte order mark", "\ufeff"],
    ["white space", " \t\r"],
    ["both", "\ufeff \t"],
    ["empty lines", "\n\r\n"],
  ])("a request is answered behind %s", async (_name, before) => {
    const sent = await useLines();
    expect(await sent(`${before}${ping()}\r\n`)).toEqual([
      { jsonrpc: "2.0", id: 7, result: { method: "ping" } },
    ]);
  });

  test.each([
    ["no JSON", "{", null, -32_700],
    ["broken UTF-8", Buffer.from([0x22, 0xff, 0x22]), null, -32_700],
    ["a number", "5", null, -32_600],
    ["nothing", "null", null, -32_600],
    ["no version", '{"id":7,"method":"ping"}', 7, -32_600],
    ["a method that is none", '{"jsonrpc":"2.0","id":"a","method":5}', "a", -32_600],
    ["an id that is none", '{"jsonrpc":"2.0","id":{},"method":"ping"}', null, -32_600],
    ["a field too many", ping({ extra: 1 }), 7, -32_600],
    ["a batch", `[${ping()}]`, 7, -32_600],
    ["an empty batch", "[]", null, -32_600],
  ])("what is no request is answered by an error: %s", async (_name, line, id, code) => {
    const sent = await useLines();
    expect(await sent(line, "\n")).toMatchObject([{ id, error: { code } }]);
    expect(await sent(`${ping()}\n`)).toHaveLength(1);
  });

  test("a notification has no answer, whatever it is like", async () => {
    const sent = await useLines();
    expect(await sent('{"jsonrpc":"2.0","method":"notifications/x","params":[]}\n')).toEqual([]);
  });

  test("a line that comes in pieces is one, and one without an end is bounded", async () => {
    const sent = await useLines();
    const bytes = Buffer.from(`${ping({ id: "é" })}\n`);
    expect(await sent(...[...bytes].map((byte) => Buffer.from([byte])))).toMatchObject([{ id: "é" }]);
    const filling = Buffer.alloc(6 * 2 ** 20, "x");
    expect(await sent(filling, filling, "\n", `${ping()}\n`)).toMatchObject([
      { id: null, error: { code: -32_600 } },
      { id: 7 },
    ]);
  });

  test("an answer that is no message ends the question as an error", async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const transport = new StoppableTransport(new JsonLines(input, output));
    const heard: unknown[] = [];
    transport.onmessage = (message) => void heard.push(message);
    await transport.start();
    await transport.send({ jsonrpc: "2.0", id: 3, method: "elicitation/create", params: {} });
    input.write('{"jsonrpc":"2.0","id":3,"result":null}\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard).toMatchObject([{ id: 3, error: { code: -32_600 } }]);
  });
});
