import { auditAccess, findUsers, offboardUser, ToolManager, type ManagerOptions } from "langchain-1password";
import { describe, expect, test } from "vitest";
import { useSandbox } from "../support/sandbox.js";

const forms = [
  ["mailto:l@straße.example", "SMTP:l@straße.example", "l@straße.example.", "'l@straße.example"],
  ["“l@straße.example”", "l@straße.example/", "L <l@straße.example>", "l@xn--strae-oqa.example"],
  ["ｌ＠straße.example", "l\u200b@straße.example", "L@STRAßE.EXAMPLE"],
].flat();

async function useAccount(options: ManagerOptions = {}) {
  const sandbox = await useSandbox({
    users: [{ email: "l@straße.example" }, { email: "l@strasse.example" }],
  });
  const manager = new ToolManager({ ...sandbox, workflows: true, handleErrors: "all", ...options });
  return { manager, sandbox, person: sandbox.users[0]! };
}

describe.each(forms)("%s", (form) => {
  test("is one person to find, offboard, audit, expected_email and taskUsers", async () => {
    const { manager, person, sandbox } = await useAccount({ taskUsers: [form] });
    expect((await findUsers(manager, { email: form })).matches.map(({ id }) => id)).toEqual([person.id]);
    expect(await findUsers(manager, { email: form, email_domain: "straße.example" })).toMatchObject({
      matches: [{ id: person.id }],
    });
    const { rows } = await auditAccess(manager, { emails: [form], state: "ACTIVE" });
    expect(rows).toMatchObject([{ finding: "as_expected" }]);
    expect(await offboardUser(manager, { email: form })).toMatchObject({ id: person.id, verified: true });
    const reactivate = await manager.getTool("1_password_users_reactivate");
    await reactivate.invoke({ id: person.id, expected_email: form });
    expect(sandbox.users.map(({ state }) => state)).toEqual(["ACTIVE", "ACTIVE"]);
  });

  test("is protected by that person's address, and protects them", async () => {
    const { manager, person } = await useAccount({ protect: [form] });
    await expect(offboardUser(manager, { email: "l@straße.example" })).rejects.toMatchObject({
      code: "protected",
    });
    expect(person.state).toBe("ACTIVE");
  });
});

test("an address that could be taken for another one is nobody's, and the other is said to be near", async () => {
  const { manager, person } = await useAccount();
  const found = await findUsers(manager, { email: "l+1@straße.example" });
  expect(found.matches).toEqual([]);
  expect(found.near.map(({ email }) => email)).toEqual(["l@straße.example", "l@strasse.example"]);
  const refused = offboardUser(manager, { email: "L.@straße.example" });
  await expect(refused).rejects.toMatchObject({ code: "not_found", message: /Near it, and another address/ });
  const { rows } = await auditAccess(manager, { emails: ["l+1@straße.example"], state: "SUSPENDED" });
  expect(rows).toMatchObject([{ finding: "not_in_account", why: /^near it is id / }]);
  expect(person.state).toBe("ACTIVE");
});

test.each(["L Smith", "l at straße.example", "l@straße.example, o@x.com", "sip:l@straße.example"])(
  "%s is refused, and is nobody",
  async (text) => {
    const { manager, person } = await useAccount();
    await expect(findUsers(manager, { email: text })).rejects.toMatchObject({ code: "invalid_argument" });
    await expect(offboardUser(manager, { email: text })).rejects.toMatchObject({ code: "invalid_argument" });
    const suspend = await manager.getTool("1_password_users_suspend");
    const answer: unknown = await suspend.invoke({ id: person.id, expected_email: text });
    expect(answer).toContain("is not one email address");
    expect(answer).not.toContain("somebody else");
    expect(person.state).toBe("ACTIVE");
    const { rows } = await auditAccess(manager, { emails: [text], state: "ACTIVE" });
    expect(rows).toMatchObject([{ finding: "malformed" }]);
    await manager.close();
  },
);

test("a protected domain may be one label, or be written in Unicode, and an entry that is not understood is refused", async () => {
  const sandbox = await useSandbox({ users: [{ email: "a@corp" }, { email: "b@straße.example" }] });
  await using manager = new ToolManager({
    ...sandbox,
    workflows: true,
    protect: ["*@corp", "*@STRAßE.example."],
  });
  for (const { email } of sandbox.users)
    await expect(offboardUser(manager, { email })).rejects.toMatchObject({ code: "protected" });
  for (const entry of ["a@x..com", "*@a b.com", "a@x.com, b@x.com"])
    expect(() => new ToolManager({ ...sandbox, protect: [entry] })).toThrow(/"protect"/);
});
