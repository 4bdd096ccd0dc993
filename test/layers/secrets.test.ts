import { expect, test } from "vitest";
import { ToolManager, truto, usersApi, type Fetch } from "langchain-1password";
import { admin, call, dwight, jan, michael, owner } from "../support/guarded.js";
import { LeakSearch } from "../support/leak-search.js";
import { memoryAudit } from "../support/memory-audit.js";
import { useSandbox } from "../support/sandbox.js";
import { sharedStore } from "../support/shared-store.js";

const key = "the key that approvals are signed with, 32 bytes";

test.each(["Users API", "Truto"] as const)(
  "no secret is in anything that guards make, ask, record or throw (%s)",
  async (source) => {
    const sandbox = await useSandbox({
      users: [
        { email: michael },
        { email: jan },
        { email: owner, role: "owner" },
        { email: admin, role: "externally_managed_admin" },
        { email: dwight },
      ],
      faults: [
        { operation: "suspend", after: 4, do: { kind: "status", status: 401 }, times: 2 },
        { operation: "suspend", after: 2, do: { kind: "close", when: "before" }, times: Infinity },
      ],
    });
    const { baseUrl, clientId, clientSecret, trutoApiKey, integratedAccountId } = sandbox;
    const sent = new Set<string>();
    const fetch: Fetch = (input, init) => {
      const { headers } = new Request(input, init);
      sent.add(headers.get("authorization")!.replace(/^\w+ /, ""));
      return globalThis.fetch(input, init);
    };
    const asked: unknown[] = [];
    let logIsFull = false;
    const audit = memoryAudit(() => {
      if (logIsFull) throw new Error("disk full");
    });
    const manager = new ToolManager({
      source:
        source === "Users API"
          ? usersApi({ ...sandbox, fetch })
          : truto({ apiKey: trutoApiKey, integratedAccountId, baseUrl, fetch }),
      identity: "required",
      requireReason: true,
      protect: [dwight],
      maxWrites: { count: 6, windowMs: 60_000 },
      actor: "the night shift",
      audit,
      approval: {
        key,
        store: sharedStore(),
        ask: (...question) => {
          asked.push(question);
          return { decision: asked.length % 4 === 3 ? "reject" : "approve", approver: "pam@example.com" };
        },
      },
    });
    const tools = await manager.getTools({ methods: ["suspend", "reactivate"] });
    const [suspend, reactivate] = tools;
    const outcomes: unknown[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (const { id, email } of sandbox.users) {
        for (const tool of [suspend!, reactivate!]) {
          outcomes.push(await call("tool.invoke", tool, { id, expected_email: email, reason: "IT-1" }));
        }
      }
      logIsFull = true;
      outcomes.push(
        await call("tool.invoke", reactivate!, { id: "A".repeat(26), expected_email: jan, reason: "IT-1" }),
      );
      logIsFull = false;
    }
    const told = [
      manager,
      tools,
      tools.map(({ descriptor }) => descriptor),
      await manager.interruptOn(),
      outcomes,
      asked,
      audit.records,
      audit,
      sandbox.requests,
    ];
    // Something of each kind has to have happened for it to have been looked at.
    const codes = new Set(outcomes.map((outcome) => (outcome as { code: string | null }).code));
    expect([...codes]).toEqual(
      expect.arrayContaining([null, "protected", "approval_rejected", "outcome_unknown", "not_found"]),
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(audit.records.length).toBeGreaterThan(10);
    expect(sent.size).toBeGreaterThan(0);

    const search = new LeakSearch([
      { name: "approval key", value: key },
      { name: "client secret", value: clientSecret },
      { name: "Basic credentials", value: btoa(`${clientId}:${clientSecret}`) },
      { name: "API key", value: trutoApiKey },
      ...[...sent].map((value) => ({ name: "what was sent", value })),
    ]);
    for (const what of told) expect(search.in(what)).toEqual([]);
    expect(JSON.stringify(told)).not.toContain(key);
  },
);
