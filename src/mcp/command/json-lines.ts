import type { Readable, Writable } from "node:stream";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";

/** The longest line that is read, in bytes. The SDK has the same bound. */
const longestLine = 10 * 2 ** 20;
const newline = 10;

/** JSON-RPC's codes for what is no JSON, and for JSON that is no message. */
const parseError = -32_700;
const invalidRequest = -32_600;

/**
 * MCP over standard input and output: one JSON value a line. Unlike the SDK's own transport it answers what it cannot
 * read, and takes a byte order mark for what it is, which editors and shells put before a text. Whether a value is a
 * message is for whoever listens to judge.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
 */
export class JsonLines implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  readonly #input: Readable;
  readonly #output: Writable;
  /** What came since the last newline. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #isClosed = false;

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  start(): Promise<void> {
    this.#input.on("data", this.#take);
    this.#input.once("close", this.#end);
    this.#output.once("close", this.#end);
    return Promise.resolve();
  }

  /** Settles once the message was handed to the system. */
  send(message: JSONRPCMessage): Promise<void> {
    return this.#write(message);
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  readonly #take = (chunk: Buffer): void => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      this.#endLine();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  };

  readonly #end = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#input.off("data", this.#take);
    this.onclose?.();
  };

  #keep(bytes: Buffer): void {
    this.#pendingBytes += bytes.length;
    // Of a line that is too long only the end is looked for.
    if (this.#pendingBytes > longestLine) this.#pending = [];
    else if (bytes.length > 0) this.#pending.push(bytes);
  }

  #endLine(): void {
    const bytes = Buffer.concat(this.#pending);
    const isTooLong = this.#pendingBytes > longestLine;
    this.#pending = [];
    this.#pendingBytes = 0;
    if (isTooLong) {
      this.#refuse(invalidRequest, `The line is longer than ${longestLine} bytes. Send less in one message.`);
      return;
    }
    let value: unknown;
    try {
      // It leaves out a byte order mark.
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
      if (text === "") return;
      value = JSON.parse(text);
    } catch {
      this.#refuse(parseError, "The line is not JSON. Send one JSON-RPC message a line, in UTF-8.");
      return;
    }
    this.onmessage?.(value as JSONRPCMessage);
  }

  #refuse(code: number, message: string): void {
    void this.#write({ jsonrpc: "2.0", id: null, error: { code, message } });
  }

  #write(message: object): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error("The connection is closed."));
    return new Promise((resolve, reject) => {
      this.#output.write(`${JSON.stringify(message)}\n`, (error) => {
        if (error == null) resolve();
        else reject(error);
      });
    });
  }
}
