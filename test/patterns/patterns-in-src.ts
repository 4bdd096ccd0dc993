import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** A regular expression as it stands in the source. */
export interface PatternInSource {
  /** File and line. */
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

/** An expression that makes a pattern, and whose pattern is not known from the file that it stands in. */
export interface UnknownPattern {
  readonly file: string;
  readonly text: string;
}

/** Every regular expression of the TypeScript files in a folder: literals, and what `RegExp` is given. */
export function patternsIn(folder: string): { known: PatternInSource[]; unknown: UnknownPattern[] } {
  const known: PatternInSource[] = [];
  const unknown: UnknownPattern[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
    const path = join(folder, name);
    const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
    const constants = constantsIn(file);
    const visit = (node: ts.Node): void => {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf("/");
        const [source, flags] = [node.text.slice(1, end), node.text.slice(end + 1)];
        known.push({ place: `${name}:${line}`, source, flags });
      }
      const isCall = ts.isNewExpression(node) || ts.isCallExpression(node);
      if (isCall && node.expression.getText(file) === "RegExp") {
        const [source, flags] = (node.arguments ?? []).map((one) => textOf(one, constants));
        if (source === undefined || (node.arguments?.[1] !== undefined && flags === undefined)) {
          unknown.push({ file: name, text: node.getText(file) });
        } else known.push({ place: `${name}:${line}`, source, flags: flags ?? "" });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return { known, unknown };
}

/** The constants of a file, by name, as far as they are written in it. */
function constantsIn(file: ts.SourceFile): ReadonlyMap<string, ts.Expression> {
  const found = new Map<string, ts.Expression>();
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name) && initializer !== undefined) found.set(name.text, initializer);
    }
  }
  return found;
}

function textOf(node: ts.Expression, constants: ReadonlyMap<string, ts.Expression>): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isIdentifier(node)) {
    const value = constants.get(node.text);
    return value === undefined ? undefined : textOf(value, constants);
  }
  if (!ts.isTemplateExpression(node)) return undefined;
  const parts = node.templateSpans.map(({ expression, literal }) => {
    const text = textOf(expression, constants);
    return text === undefined ? undefined : text + literal.text;
  });
  return parts.includes(undefined) ? undefined : node.head.text + parts.join("");
}
