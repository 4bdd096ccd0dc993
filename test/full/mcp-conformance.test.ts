import { expect, test } from "vitest";
import { ToolManager, usersApi } from "langchain-1password";
import { createMcpHandler } from "langchain-1password/mcp";
import { conformanceTools } from "../support/mcp-conformance-tools.js";
import { formCheck, runConformance, type ConformanceSuite } from "../support/mcp-conformance.js";
import { useHttp } from "../support/mcp.js";
import { useSandbox } from "../support/sandbox.js";

/** Why a scenario cannot pass: all of it, or those of its checks that are named. */
type Gap = string | Readonly<Record<string, string>>;

const textAlone = "tools answer with text and structured content alone";
const ownPrompts = "it wants a prompt of its own, and the prompts are those of the two tasks";
const ownResource = "it wants a resource of its own, and the rate limit is the only one";
const ownForm = "it wants a form of its own, and the only question is the one for approval";
const noLogging = "the server sends no log messages";

const noSampling = "no tool asks the client's model";
const noRoots = "no tool asks for the client's folders";
const inlined =
  "schemas are listed with what they refer to in place, for not every model's provider follows references";

/** What cannot pass for 2025 and for 2026. */
const inBoth: Readonly<Record<string, Gap>> = {
  "completion-complete": "the server completes no arguments",
  "tools-call-image": textAlone,
  "tools-call-audio": textAlone,
  "tools-call-embedded-resource": textAlone,
  "tools-call-mixed-content": textAlone,
  "resources-read-text": ownResource,
  "resources-read-binary": ownResource,
  "resources-templates-read": ownResource,
  "prompts-get-simple": ownPrompts,
  "prompts-get-with-args": ownPrompts,
  "prompts-get-embedded-resource": ownPrompts,
  "prompts-get-with-image": ownPrompts,
};

/** The suites, and of each the scenarios that pass, and those that do not or only in part. */
const suites: readonly {
  readonly protocol: string;
  readonly suite: ConformanceSuite;
  readonly passing: readonly string[];
  readonly without: Readonly<Record<string, Gap>>;
}[] = [
  {
    protocol: "2025",
    suite: { name: "@modelcontextprotocol/conformance" },
    passing: [
      "server-initialize",
      "ping",
      "tools-list",
      "tools-call-simple-text",
      "tools-call-error",
      "tools-call-with-progress",
      "tools-call-elicitation",
      "server-sse-multiple-streams",
      "resources-list",
      "prompts-list",
      "dns-rebinding-protection",
    ],
    without: {
      ...inBoth,
      "logging-set-level": noLogging,
      "tools-call-with-logging": noLogging,
      "tools-call-sampling": noSampling,
      "json-schema-2020-12": inlined,
      "elicitation-sep1034-defaults": ownForm,
      "elicitation-sep1330-enums": ownForm,
      "server-sse-polling":
        "a stream that was cut is not resumed: the call is cancelled, and made again it asks again",
      "resources-subscribe": "nobody is told of a changed rate limit: it is read",
      "resources-unsubscribe": "nobody is told of a changed rate limit: it is read",
    },
  },
  {
    protocol: "2026-07-28",
    suite: { name: "mcp-conformance-2026", revision: "2026-07-28" },
    passing: [
      "tools-list",
      "tools-call-simple-text",
      "tools-call-error",
      "tools-call-with-progress",
      "server-sse-multiple-streams",
      "resources-list",
      "sep-2164-resource-not-found",
      "prompts-list",
      "dns-rebinding-protection",
      "caching",
      "http-header-validation",
      "input-required-result-request-state",
      "input-required-result-missing-input-response",
      "input-required-result-result-type",
      "input-required-result-unsupported-methods",
      "input-required-result-tampered-state",
      "input-required-result-validate-input",
    ],
    without: {
      ...inBoth,
      "server-stateless": {
        "sep-2575-server-rejects-undeclared-capability": noSampling,
        "sep-2575-missing-capability-http-400": noSampling,
      },
      "json-schema-2020-12": {
        "json-schema-2020-12-$schema": "every schema is one of the same dialect, and names none",
        "json-schema-2020-12-$defs": inlined,
        "sep-2106-anchor-keyword-preserved": inlined,
        "sep-2106-composition-keywords-preserved":
          "what has to hold together (allOf) is listed as one schema",
      },
      "http-custom-header-server-validation":
        "no argument is repeated in a header: schemas are listed without x-mcp-header",
      "input-required-result-basic-elicitation": ownForm,
      "input-required-result-basic-sampling": noSampling,
      "input-required-result-basic-list-roots": noRoots,
      "input-required-result-multiple-input-requests": "no tool asks for more than a person's yes",
      "input-required-result-multi-round": {
        "sep-2322-multi-round-r2": "a form that came back without a yes or no ends the call",
      },
      "input-required-result-non-tool-request": ownPrompts,
      "input-required-result-capability-check": noSampling,
      "input-required-result-ignore-extra-params":
        "it answers without the question's state, and such an answer is none: it is asked again",
    },
  },
];

test.for(suites)(
  "every scenario of the official suite for $protocol passes, but for what this server does not have",
  { timeout: 120_000 },
  async ({ suite, passing, without }, context) => {
    const sandbox = await useSandbox();
    const writes: string[] = [];
    const tools = conformanceTools((name) => writes.push(name));
    const manager = new ToolManager({ source: usersApi({ ...sandbox }), tools });
    const handler = createMcpHandler(manager, { methods: ["read", "write"] });
    const { url } = await useHttp(handler.fetch);
    const ends = await runConformance(context, suite, url);
    await handler.close();

    // A new scenario of the suite is decided on, too.
    expect.soft([...ends.keys()].sort()).toEqual([...passing, ...Object.keys(without)].sort());
    for (const [scenario, end] of ends) {
      const gap = without[scenario];
      const why =
        typeof gap === "string" ? gap : "it has to pass, but for the checks that are listed, if any";
      expect.soft(end, `${scenario}: ${why}`).toMatchObject(wanted(gap));
      const complained = new Set(end.complaints.map(({ check }) => check));
      expect.soft(complained, scenario).not.toContain(formCheck);
      if (typeof gap !== "object") continue;
      expect.soft([...complained].sort(), `${scenario}: ${why}`).toEqual(Object.keys(gap).sort());
    }
    expect(writes).toEqual([]);
    expect(
      sandbox.requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("/token")),
    ).toEqual([]);
  },
);

function wanted(gap: Gap | undefined): object {
  return gap === undefined ? { passes: true, complaints: [] } : { passes: false };
}
