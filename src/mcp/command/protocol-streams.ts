import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { setTimeout } from "node:timers/promises";

/** Standard input and output, for the protocol alone. */
export interface ProtocolStreams {
  /** What the client sends. It does not end, so that what is under way may go on after the client's last word. */
  readonly input: PassThrough;
  readonly output: Writable;
  /** Settles once nothing more comes from the client, or nothing more reaches it. */
  readonly ended: Promise<unknown>;
  /** Settles once nothing more reaches the client: it has closed its end of standard output. */
  readonly unread: Promise<unknown>;
}

/**
 * Takes standard input and output for the protocol. Whatever else is written to standard output from now on, by any
 * library, goes to standard error: one stray line there ends a session.
 */
export function takeProtocolStreams(): ProtocolStreams {
  const { stdin, stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  const output = new Writable({
    decodeStrings: false,
    // What cannot be written any more is dropped: a failure here would abort the calls that are under way.
    write: (chunk: string | Uint8Array, _encoding, done) => {
      write(chunk, () => done());
    },
  });
  stdout.write = stderr.write.bind(stderr);
  const input = new PassThrough();
  const unread = new Promise<void>((resolve) => stdout.once("error", () => resolve()));
  const ended = Promise.race([once(stdin, "end"), once(stdin, "close"), unread])
    .catch(() => undefined)
    .then(() => isRead(input));
  // A client that is gone is no reason to drop what it has begun.
  for (const stream of [stdin, stdout, output]) stream.on("error", () => undefined);
  stdin.on("data", (chunk: Buffer) => void input.write(chunk));
  return { input, output, ended, unread };
}

/** What came before the end is still to be read, where the end came while the server was starting. */
async function isRead(input: PassThrough): Promise<void> {
  while (input.readableLength > 0) await setTimeout(10);
}
