import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { BaseTracer, type Run } from "@langchain/core/tracers/base";

const methods = [
  "handleLLMStart",
  "handleLLMNewToken",
  "handleLLMEnd",
  "handleLLMError",
  "handleChatModelStart",
  "handleChainStart",
  "handleChainEnd",
  "handleChainError",
  "handleToolStart",
  "handleToolEnd",
  "handleToolEvent",
  "handleToolError",
  "handleText",
  "handleAgentAction",
  "handleAgentEnd",
  "handleCustomEvent",
] as const;

/** Hands on everything that LangChain tells a callback handler, as it tells it. */
export class RecordingHandler extends BaseCallbackHandler {
  readonly name = "recording_handler";

  constructor(record: (what: string, told: unknown) => void) {
    super();
    this.awaitHandlers = true;
    for (const method of methods) {
      this[method] = (...told: unknown[]) => record(method, told);
    }
  }
}

/** Hands on every run as a tracer such as LangSmith's would send it, with its children. */
export class RecordingTracer extends BaseTracer {
  readonly name = "recording_tracer";
  readonly #record: (what: string, told: unknown) => void;

  constructor(record: (what: string, told: unknown) => void) {
    super();
    this.awaitHandlers = true;
    this.#record = record;
  }

  protected override async persistRun(run: Run): Promise<void> {
    this.#record(`a run of ${run.name}`, run);
  }
}
