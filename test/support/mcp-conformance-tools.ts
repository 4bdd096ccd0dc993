import { setTimeout as sleep } from "node:timers/promises";
import { defineTool, type ToolDefinition } from "langchain-1password";

const noArguments = { type: "object", properties: {}, additionalProperties: false } as const;

/** Tools whose calls need an answer from the client first: here, a person's yes. */
const askingTools = [
  "test_input_required_result_elicitation",
  "test_input_required_result_request_state",
  "test_input_required_result_tampered_state",
  "test_input_required_result_multi_round",
  "test_input_required_result_capabilities",
  "test_streaming_elicitation",
];

/**
 * The tools that scenarios of the conformance suite call, as far as such tools can be defined here: each goes the
 * way of every other tool, through the layers and the MCP server.
 *
 * @param onWrite - is told the name of each write that is made: the suites give no yes to any
 */
export const conformanceTools = (onWrite: (name: string) => void): ToolDefinition[] => [
  defineTool({
    name: "test_simple_text",
    description: "Gives a text.",
    schema: noArguments,
    kind: "read",
    call: () => "This is a simple text response for testing.",
  }),
  defineTool({
    name: "test_error_handling",
    description: "Fails.",
    schema: noArguments,
    kind: "read",
    call: () => {
      throw new Error("This tool intentionally returns an error for testing");
    },
  }),
  defineTool({
    name: "test_tool_with_progress",
    description: "Tells of its progress.",
    schema: noArguments,
    kind: "read",
    call: async (_args, { emit }) => {
      for (const page of [1, 2, 3]) {
        emit({ type: "page", page, people: page * 10 });
        await sleep(10);
      }
      return "done";
    },
  }),
  defineTool({
    name: "test_elicitation",
    description: "Is made after a person's yes.",
    schema: {
      type: "object",
      properties: { message: { type: "string" } },
      required: ["message"],
      additionalProperties: false,
    },
    kind: "write",
    target: "none",
    call: () => onWrite("test_elicitation"),
  }),
  ...askingTools.map((name) =>
    defineTool({
      name,
      description: "Is made after a person's yes.",
      schema: noArguments,
      kind: "write",
      target: "none",
      call: () => onWrite(name),
    }),
  ),
  defineTool({
    name: "test_logging_tool",
    description: "Tells of its progress.",
    schema: noArguments,
    kind: "read",
    call: (_args, { emit }) => {
      emit({ type: "page", page: 1, people: 10 });
      return "done";
    },
  }),
  defineTool({
    name: "test_custom_header",
    description: "Has an argument that a client repeats in a header.",
    schema: {
      type: "object",
      properties: { region: { type: "string", "x-mcp-header": "Region" } },
      additionalProperties: false,
    },
    kind: "read",
    call: () => "done",
  }),
  defineTool({
    name: "json_schema_2020_12_tool",
    description: "Has a schema with a reference.",
    schema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: {
          type: "object",
          properties: { street: { type: "string" }, city: { type: "string" } },
        },
      },
      properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
      allOf: [{ anyOf: [{ required: ["name"] }, { required: ["address"] }] }],
      if: { required: ["address"] },
      then: { required: ["name"] },
      else: { required: ["name"] },
      additionalProperties: false,
    },
    kind: "read",
    call: () => "done",
  }),
];
