import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { OfflineModel, offlineNotice } from "./offline-model.js";

/** A chat model, and what goes with it. */
export interface ChosenModel {
  readonly model: BaseChatModel;
  /** What to call it in front of people. */
  readonly name: string;
  /** Which names of tools it takes. */
  readonly names: "truto" | "portable";
}

/**
 * The model of the first provider whose key is set (`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`, `GOOGLE_API_KEY`),
 * or else a planner that needs none. `OP_EXAMPLE_MODEL` names another model of that provider.
 */
export async function chooseModel(): Promise<ChosenModel> {
  if (isSet("OPENAI_API_KEY")) {
    const { ChatOpenAI } = await import("@langchain/openai");
    const model = modelName("gpt-5-mini");
    return { model: new ChatOpenAI({ model }), name: `OpenAI ${model}`, names: "truto" };
  }
  if (isSet("ANTHROPIC_API_KEY")) {
    const { ChatAnthropic } = await import("@langchain/anthropic");
    const model = modelName("claude-sonnet-4-5");
    return { model: new ChatAnthropic({ model }), name: `Anthropic ${model}`, names: "truto" };
  }
  if (isSet("GOOGLE_API_KEY")) {
    const { ChatGoogleGenerativeAI } = await import("@langchain/google-genai");
    const model = modelName("gemini-2.5-flash");
    // Gemini refuses a whole request for one tool whose name begins with a digit.
    return { model: new ChatGoogleGenerativeAI({ model }), name: `Google ${model}`, names: "portable" };
  }
  return { model: new OfflineModel({}), name: offlineNotice, names: "truto" };
}

function isSet(variable: string): boolean {
  return (process.env[variable] ?? "").trim() !== "";
}

function modelName(usual: string): string {
  return isSet("OP_EXAMPLE_MODEL") ? (process.env.OP_EXAMPLE_MODEL ?? usual) : usual;
}
