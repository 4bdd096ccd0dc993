import { describe, expect, test } from "vitest";
import {
  startSandbox,
  type Sandbox,
  type SandboxOptions,
  type SandboxUser,
} from "../../src/sandbox/index.js";
import { isScott } from "./hand-written-requests.js";

async function accountOf(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  await sandbox.close();
  return sandbox;
}

describe("people made from a seed", () => {
  test("the same seed makes the same people and credentials, another seed others", async () => {
    const [one, again, other] = await Promise.all([7, 7, 8].map((seed) => accountOf({ seed, users: 200 })));
    expect(again!.users).toEqual(one!.users);
    expect({ ...again, baseUrl: "" }).toEqual({ ...one, baseUrl: "" });
    expect(again!.trutoApiKey).toBe(one!.trutoApiKey);
    expect(other!.accountId).not.toBe(one!.accountId);
    expect(other!.clientSecret).not.toBe(one!.clientSecret);
    const ids = new Set(one!.users.map((user) => user.id));
    expect(other!.users.some((user) => ids.has(user.id))).toBe(false);
  });

  test("m.scott is an active member in every account, and not always in the same place", async () => {
    const accounts = await Promise.all([...Array(20).keys()].map((seed) => accountOf({ seed, users: 50 })));
    for (const { users } of accounts) {
      expect(users.filter(isScott)).toMatchObject([{ state: "ACTIVE", role: "member" }]);
    }
    const places = new Set(accounts.map(({ users }) => users.findIndex(isScott)));
    expect(places.size).toBeGreaterThan(8);
  });

  test("15,000 people: unique ids and emails, all sorts of people among them", async () => {
    const { users, accountId } = await accountOf({ users: 15_000 });
    expect(users).toHaveLength(15_000);
    expect(new Set(users.map((user) => user.id)).size).toBe(15_000);
    expect(new Set(users.map((user) => user.email)).size).toBe(15_000);
    const looksRight = (user: SandboxUser) =>
      /^[A-Z2-7]{26}$/.test(user.id) &&
      /^[a-z.]+\d*@example\.com$/.test(user.email) &&
      user.path === `accounts/${accountId}/users/${user.id}`;
    expect(users.filter((user) => !looksRight(user))).toEqual([]);
    const suspended = users.filter((user) => user.state === "SUSPENDED");
    expect(suspended.length).toBeGreaterThan(500);
    expect(suspended.length).toBeLessThan(3000);
    expect(suspended.every((user) => user.role === "member")).toBe(true);
    expect(users.filter((user) => user.role === "owner")).toHaveLength(2);
  });

  test("a hundred people hold every kind of person that trips up a client", async () => {
    const { users } = await accountOf({});
    expect(users).toHaveLength(100);
    expect(users.some((user) => user.role === "externally_managed_admin")).toBe(true);
    expect(users.some((user) => user.state === "SUSPENDED")).toBe(true);
    expect(users.filter((user) => user.display_name === "Michael Scott")).toHaveLength(2);
    for (const hard of [/,/, /"/, /'/, /\P{ASCII}/u, /\p{Script=Han}/u, /\p{Script=Arabic}/u]) {
      expect(users.some((user) => hard.test(user.display_name))).toBe(true);
    }
    for (const user of users) {
      expect(user.create_time).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(new Date(user.create_time).getTime()).toBeLessThan(Date.UTC(2026, 10, 1));
    }
  });

  test("small accounts begin with m.scott, then owners", async () => {
    expect((await accountOf({ users: 0 })).users).toEqual([]);
    expect((await accountOf({ users: 1 })).users).toMatchObject([{ email: "m.scott@example.com" }]);
    const three = (await accountOf({ users: 3 })).users.map((user) => user.role).sort();
    expect(three).toEqual(["member", "owner", "owner"]);
  });

  test("the client secret and id change when they are form-encoded", async () => {
    const { clientId, clientSecret } = await accountOf({ seed: 99 });
    for (const character of [":", "%", "+", " ", "/"]) expect(clientSecret).toContain(character);
    expect(new URLSearchParams({ clientId }).toString()).not.toContain(clientId);
  });
});

describe("people who are given", () => {
  test("they are the whole account, in their order, and what is missing is made", async () => {
    const { users, accountId } = await accountOf({
      users: [
        { email: "b@example.com", role: "owner" },
        { email: "a@example.com", id: "AAAAAAAAAAAAAAAAAAAAAAAAAA", display_name: "A", state: "SUSPENDED" },
      ],
    });
    expect(users).toMatchObject([
      { email: "b@example.com", display_name: "b", state: "ACTIVE", role: "owner" },
      {
        email: "a@example.com",
        display_name: "A",
        state: "SUSPENDED",
        role: "member",
        path: `accounts/${accountId}/users/AAAAAAAAAAAAAAAAAAAAAAAAAA`,
      },
    ]);
    expect(users[0]!.id).toMatch(/^[A-Z2-7]{26}$/);
  });

  test("the people of one account can be put into another", async () => {
    const first = await accountOf({ users: 5 });
    const second = await accountOf({ users: first.users, seed: 2 });
    expect(second.users.map((user) => user.id)).toEqual(first.users.map((user) => user.id));
    expect(second.users[0]!.path).toContain(second.accountId);
  });

  test("an id that cannot be, or is there twice, is refused", async () => {
    const users = [{ email: "a@example.com", id: "short" }];
    await expect(startSandbox({ users })).rejects.toThrow(/"short" is not the id of a person/);
    const id = "AAAAAAAAAAAAAAAAAAAAAAAAAA";
    const twins = ["a", "b"].map((name) => ({ email: `${name}@example.com`, id }));
    await expect(startSandbox({ users: twins })).rejects.toThrow(/is the id of two people/);
  });
});
