import { once } from "node:events";
import { PassThrough } from "node:stream";
import type { Terminal } from "langchain-1password/node";

/** A terminal in memory, at which a test sits. */
export interface FakeTerminal extends Terminal {
  readonly input: PassThrough & { isTTY: boolean };
  /** All that it shows so far. */
  shown(): string;
  /** Waits until it shows something so often. */
  shows(text: string, times?: number): Promise<void>;
  /** Types a line; `CODE` in it stands for the code of the question that was shown last. */
  type(line: string): void;
}

/** What a question ends with. */
export const prompt = "leave it: ";

/** A terminal at which nobody types anything but the test. */
export function fakeTerminal(isTTY = true): FakeTerminal {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = new PassThrough();
  let shown = "";
  output.on("data", (data: Buffer) => (shown += data.toString()));
  return {
    input,
    output,
    shown: () => shown,
    async shows(text, times = 1) {
      while (shown.split(text).length <= times) await once(output, "data");
    },
    type: (line) => {
      const code = Array.from(shown.matchAll(/Code: (\S+)/g)).at(-1)?.[1] ?? "";
      input.write(`${line.replace("CODE", code)}\n`);
    },
  };
}

/** A terminal at which somebody answers the first question; `null` ends the input instead. */
export function answeringTerminal(answer: string | null, isTTY = true): FakeTerminal {
  const terminal = fakeTerminal(isTTY);
  void terminal.shows(prompt).then(() => {
    if (answer === null) terminal.input.end();
    else terminal.type(answer);
  });
  return terminal;
}
