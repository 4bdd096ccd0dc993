import { closeSync, openSync } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import { ToolsetError } from "../errors/toolset-error.js";
import { readableByModel } from "../layers/readable-error.js";
import { systemCode } from "./system-code.js";

/** A stream of Node, in types that do not need Node's. */
export interface TerminalStream {
  on(event: string, listener: (...values: never[]) => void): unknown;
}

/** Where questions are asked and answered, such as `{ input: process.stdin, output: process.stderr }`. */
export interface Terminal {
  /** What is typed. Where `isTTY` is not `true`, nobody is asked. */
  readonly input: TerminalStream & { readonly isTTY?: boolean | undefined };
  readonly output: TerminalStream & { write(text: string): unknown };
}

/** The same in Node's types. */
export interface TerminalStreams {
  readonly input: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  readonly output: NodeJS.WritableStream;
}

/** A terminal that was opened here, and is closed here. */
export interface OpenTerminal extends TerminalStreams {
  /** The file descriptor that it is read by. */
  readonly descriptor: number;
  close(): void;
}

const path = "/dev/tty";

/**
 * Opens the terminal that this process was started in, whatever its standard input and output are.
 *
 * @throws {@link ToolsetError} `approval_unavailable` where there is none
 */
export function openTerminal(): OpenTerminal {
  const opened: number[] = [];
  try {
    // One for each direction: a stream that is closed closes its descriptor.
    opened.push(openSync(path, "r"), openSync(path, "w"));
    const [reading = -1, writing = -1] = opened;
    const input = new ReadStream(reading);
    const output = new WriteStream(writing);
    // A terminal that is gone ends a question as no answer does.
    for (const stream of [input, output]) stream.on("error", () => undefined);
    return {
      input,
      output,
      descriptor: reading,
      close: () => {
        if (input.isRaw) input.setRawMode(false);
        input.destroy();
        output.destroy();
      },
    };
  } catch (error) {
    for (const descriptor of opened) closeSync(descriptor);
    const failure = new ToolsetError(
      "approval_unavailable",
      `There is no terminal to ask at: "${path}" cannot be opened (${systemCode(error) ?? "no code"}). Start this in a terminal.`,
      { cause: error },
    );
    throw readableByModel(failure);
  }
}
