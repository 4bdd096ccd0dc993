import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LimiterAnswer, LimiterQuestion, LimiterSetup, SeenRequest } from "./limiter-server.js";

/** One limiter of the server in the other process. */
export interface OpenLimiter {
  /** Requests below this count against it. */
  readonly url: string;
  /** Forgets the limiter, and tells what it saw. */
  close(): Promise<SeenRequest[]>;
}

/** A rate-limited server in a process of its own. */
export class LimiterProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #origin: string;
  readonly #waiting = new Map<number, (seen: SeenRequest[]) => void>();
  #questions = 0;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#origin = `http://127.0.0.1:${port}`;
    child.on("message", (answer: LimiterAnswer) => {
      if (!("id" in answer)) return;
      this.#waiting.get(answer.id)?.(answer.seen);
      this.#waiting.delete(answer.id);
    });
  }

  static async start(): Promise<LimiterProcess> {
    const path = fileURLToPath(new URL("limiter-server.ts", import.meta.url));
    const child = fork(path, { execArgv: ["--import", "tsx"] });
    const [answer] = (await once(child, "message")) as [LimiterAnswer];
    if (!("port" in answer)) throw new Error("the limiter's server did not start");
    return new LimiterProcess(child, answer.port);
  }

  async open(setup: LimiterSetup): Promise<OpenLimiter> {
    const name = crypto.randomUUID();
    await this.#ask({ type: "open", name, setup });
    return { url: `${this.#origin}/${name}`, close: () => this.#ask({ type: "close", name }) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  #ask(question: Question): Promise<SeenRequest[]> {
    const id = (this.#questions += 1);
    this.#child.send({ id, ...question } satisfies LimiterQuestion);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}

type Question = { type: "open"; name: string; setup: LimiterSetup } | { type: "close"; name: string };
