import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditRecord } from "langchain-1password";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { StoppableTransport } from "../../../src/mcp/stoppable-transport.js";
import { connectOldClient, oldClient, textOf } from "./clients.js";
import { startCommand, type CommandProcess } from "./command-process.js";

/** A write on its way, whose user has been asked and has not answered. */
async function slowWrite() {
  const command = startCommand(["mcp", "--sandbox", "--methods", "read,write"]);
  let answer: (approve: boolean) => void = () => undefined;
  let wasAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (wasAsked = resolve));
  const client = oldClient(
    () =>
      new Promise((resolve) => {
        answer = (approve) => resolve({ action: "accept", content: { approve } });
        wasAsked();
      }),
  );
  await connectOldClient(client, command);
  const find = { name: "find_1_password_users", arguments: { email: "m.scott@example.com" } };
  const id = /[A-Z2-7]{26}/.exec(textOf(await client.callTool(find)))![0];
  const suspend = { id, expected_email: "m.scott@example.com" };
  const written = client.callTool({ name: "onepassword_users_suspend", arguments: suspend });
  written.catch(() => undefined);
  await asked;
  return { command, client, find, written, answer: (approve: boolean) => answer(approve) };
}

async function signal(command: CommandProcess, name: "SIGHUP" | "SIGINT" | "SIGTERM"): Promise<void> {
  command.child.kill(name);
  await command.says(/Stopping \(/);
}

describe("a stop", () => {
  test.each(["SIGHUP", "SIGINT", "SIGTERM"] as const)(
    "by %s lets a write that is under way finish",
    async (name) => {
      const { command, client, find, written, answer } = await slowWrite();
      await signal(command, name);
      await expect(client.callTool(find)).rejects.toThrow("The server is stopping, and takes no more calls.");
      answer(true);
      expect(textOf(await written)).toContain("SUSPENDED");
      expect(await command.ended).toBe(0);
      expect(command.err()).not.toContain("warning:");
    },
  );

  test.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by a second %s is at once, with exit code %i", async (name, code) => {
    const { command } = await slowWrite();
    await signal(command, name);
    command.child.kill(name);
    expect(await command.ended).toBe(code);
  });

  test("at the client's end does not wait for an answer that nobody can give any more", async () => {
    const { command } = await slowWrite();
    command.child.stdin.end();
    expect(await command.ended).toBe(0);
    // It would be after 50 seconds, with one.
    expect(command.err()).not.toContain("warning:");
  });

  test("where the client reads no more, does not wait for an answer that it will not give", async () => {
    const { command } = await slowWrite();
    command.child.stdout.destroy();
    expect(await command.ended).toBe(0);
    expect(command.err()).not.toContain("warning:");
  });

  test("where the client reads no more, waits for the writes that are on their way", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stdout-closed-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const audit = join(folder, "audit.jsonl");
    const words = ["mcp", "--sandbox", "--methods", "read,write", "--approval", "none", "--audit", audit];
    const command = startCommand(words);
    const client = oldClient();
    await connectOldClient(client, command);
    const find = { name: "find_1_password_users", arguments: { state: "ACTIVE", limit: 20 } };
    const found = (await client.callTool(find)) as unknown as {
      structuredContent: { people: { id: string; email: string }[] };
    };
    const { people } = found.structuredContent;
    const calls = people.map(({ id, email: expected_email }) =>
      client.callTool({ name: "onepassword_users_suspend", arguments: { id, expected_email } }),
    );
    for (const call of calls) call.catch(() => undefined);
    command.child.stdout.destroy();
    expect(await command.ended).toBe(0);
    const records = (await readFile(audit, "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as AuditRecord);
    const outcomes = records.filter(({ unmapped }) => unmapped.phase === "outcome");
    expect(outcomes.map(({ status }) => status)).toEqual(people.map(() => "Success"));
  });

  test("goes on to its end where nobody reads what it says of it any more", async () => {
    const { command, written, answer } = await slowWrite();
    command.child.stderr.destroy();
    command.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 300));
    answer(true);
    expect(textOf(await written)).toContain("SUSPENDED");
    expect(await command.ended).toBe(0);
  });

  test("at the client's end leaves nobody changed who was not approved, and exits with 0", async () => {
    const command = startCommand(["mcp", "--sandbox"]);
    await command.says(/Listening: standard input/);
    command.child.stdin.end();
    expect(await command.ended).toBe(0);
    expect(command.out()).toBe("");
  });
});

describe("a question to a client that has ended", () => {
  const question = { jsonrpc: "2.0", id: 7, method: "elicitation/create", params: {} } as const;
  const answer = { jsonrpc: "2.0", id: 7, result: { action: "accept" } } as const;

  async function useTransport() {
    const wire: Transport = {
      start: () => Promise.resolve(),
      send: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const transport = new StoppableTransport(wire);
    const heard: JSONRPCMessage[] = [];
    transport.onmessage = (message) => void heard.push(message);
    await transport.start();
    return { wire, transport, heard };
  }

  test("is answered by nobody's error, also where it is asked only then", async () => {
    const { transport, heard } = await useTransport();
    transport.clientIsGone();
    await transport.send(question);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    expect(heard[0]).toMatchObject({
      id: 7,
      error: { message: expect.stringContaining("has ended") as string },
    });
  });

  test("ends before the wire is told to be closed, and so does what is under way", async () => {
    const { wire, transport, heard } = await useTransport();
    let isClosed = false;
    transport.onclose = () => (isClosed = true);
    wire.onmessage?.({ jsonrpc: "2.0", id: 1, method: "tools/call" });
    await transport.send(question);
    wire.onclose?.();
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    expect(isClosed).toBe(false);
    await transport.send({ jsonrpc: "2.0", id: 1, result: {} });
    await vi.waitFor(() => expect(isClosed).toBe(true));
  });

  test("is looked after by pings, whose answers are not passed on", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { wire, transport, heard } = await useTransport();
    const sent: JSONRPCMessage[] = [];
    wire.send = (message) => Promise.resolve(void sent.push(message));
    await transport.send(question);
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toMatchObject([question, { method: "ping" }, { method: "ping" }]);
    const { id } = sent[2] as { id: string };
    wire.onmessage?.({ jsonrpc: "2.0", id, result: {} });
    wire.onmessage?.(answer);
    await vi.advanceTimersByTimeAsync(5000);
    expect(heard).toEqual([answer]);
    expect(sent).toHaveLength(3);
  });

  test("keeps the answer that it had", async () => {
    const { wire, transport, heard } = await useTransport();
    await transport.send(question);
    wire.onmessage?.(answer);
    transport.clientIsGone();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(heard).toEqual([answer]);
  });
});
