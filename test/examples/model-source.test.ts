import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startSandbox } from "langchain-1password/sandbox";
import { expect, test } from "vitest";

const support = fileURLToPath(new URL("../../examples/support/", import.meta.url));

/** The offline model and every file of examples/support that it imports, itself or through another. */
async function modelSource(): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const queue = ["offline-model.ts", "offline-ai-sdk-model.ts"];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (sources.has(file)) continue;
    const source = await readFile(support + file, "utf8");
    sources.set(file, source);
    for (const [, name] of source.matchAll(/from "\.\/([\w-]+)\.js"/g)) queue.push(`${name!}.ts`);
  }
  return sources;
}

test("the offline model's source holds no email address and no id", async () => {
  const sources = await modelSource();
  expect([...sources.keys()]).toEqual(
    expect.arrayContaining(["plan.ts", "read-results.ts", "settle-person.ts"]),
  );
  expect((await readdir(support)).length).toBeGreaterThan(sources.size);
  for (const [file, source] of sources) {
    expect(source.match(/[\w.+-]+@[\w-]+\.\w+/g) ?? [], file).toEqual([]);
    expect(source.match(/\b[A-Z0-9]{26}\b/g) ?? [], file).toEqual([]);
  }
});

test("the offline model's source holds no name of anybody in a sandbox", async () => {
  const names = new Set<string>();
  for (let seed = 1; seed <= 20; seed += 1) {
    await using sandbox = await startSandbox({ seed, users: 500 });
    for (const { display_name: name, email } of sandbox.users) {
      for (const word of name.match(/\p{L}{3,}/gu) ?? []) names.add(word);
      names.add(email.split("@", 1).join(""));
    }
  }
  expect(names.size).toBeGreaterThan(1000);
  for (const [file, source] of await modelSource()) {
    const words = new Set(source.match(/[\p{L}\p{N}.]+/gu));
    expect(
      [...names].filter((name) => words.has(name)),
      file,
    ).toEqual([]);
  }
});
