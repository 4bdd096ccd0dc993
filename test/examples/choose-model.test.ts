import { beforeEach, afterEach, expect, test, vi } from "vitest";
import { chooseModel } from "../../examples/support/model.js";

const keys = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "OP_EXAMPLE_MODEL"];

beforeEach(() => {
  for (const key of keys) vi.stubEnv(key, "");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test("without a key, or with blank ones, no model is called", async () => {
  vi.stubEnv("OPENAI_API_KEY", "  ");
  const { model, name, names } = await chooseModel();
  expect(model._llmType()).toBe("offline");
  expect(name).toBe("offline planner: no model was called");
  expect(names).toBe("truto");
});

test.each([
  ["OPENAI_API_KEY", "ChatOpenAI", "OpenAI my-model", "truto"],
  ["ANTHROPIC_API_KEY", "ChatAnthropic", "Anthropic my-model", "truto"],
  ["GOOGLE_API_KEY", "ChatGoogleGenerativeAI", "Google my-model", "portable"],
])("%s chooses %s, and OP_EXAMPLE_MODEL its model", async (key, className, name, names) => {
  vi.stubEnv(key, "not-a-key");
  const usual = await chooseModel();
  vi.stubEnv("OP_EXAMPLE_MODEL", "my-model");
  const chosen = await chooseModel();
  expect(chosen.model.getName()).toBe(className);
  expect(chosen).toMatchObject({ name, names });
  expect(usual.name).not.toContain("my-model");
});
