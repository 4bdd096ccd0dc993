import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A snippet of the README, as a file that can be compiled and run. */
export interface Snippet {
  /** The line of the README that it begins on. */
  line: number;
  file: string;
}

const readme = fileURLToPath(new URL("../../README.md", import.meta.url));
const worldNames = [
  ...readFileSync(new URL("./world.ts", import.meta.url), "utf8").matchAll(/export const (\{[^}]*\}|\w+)/g),
].flatMap(([, names]) => names?.match(/\w+/g) ?? []);

/**
 * Writes TypeScript snippets of the README to a file of their own each; what they leave open comes from `world.ts`.
 *
 * @param isWanted - which, by their code; all of them by default
 */
export function writeSnippets(folder: string, isWanted: (code: string) => boolean = () => true): Snippet[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(readme, "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].flatMap((match) => {
    const code = match[1] ?? "";
    if (!isWanted(code)) return [];
    const line = text.slice(0, match.index).split("\n").length;
    const missing = worldNames.filter((name) => isUsed(code, name) && !isDeclared(code, name));
    const world = missing.length === 0 ? "" : `import { ${missing.join(", ")} } from "../world.js";\n`;
    const file = `${folder}/line-${line}.ts`;
    writeFileSync(file, `${world}${code}\nexport {};\n`);
    return [{ line, file }];
  });
}

function isUsed(code: string, name: string): boolean {
  // Not as the name of a property, unless in shorthand or spread.
  return new RegExp(`(?<![.\\w"'/@-])${name}\\b(?!:|["'/-])`).test(code.replaceAll("...", " "));
}

function isDeclared(code: string, name: string): boolean {
  return new RegExp(`\\b(?:const|let|import)\\b[^=;\\n]*\\b${name}\\b[^;\\n]*(?:=|from)`).test(code);
}
