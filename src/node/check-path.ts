import { statSync } from "node:fs";
import { refuseOption } from "../option-error.js";
import { checkText } from "../sources/option-checks.js";

/**
 * Checks the path of a file or a folder that is written to later. It need not be there yet.
 *
 * @throws {@link ToolsetError} `invalid_argument` for what is no text, and for a path where something else is
 */
export function checkPath(option: "path" | "folder", path: string): void {
  const wanted = option === "folder" ? "folder" : "file";
  checkText(option, path, `Give the path of the ${wanted}.`);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === undefined || isFolder === (wanted === "folder")) return;
  const found = isFolder ? "a folder" : "a file";
  throw refuseOption(
    option,
    `is ${JSON.stringify(path)}, where ${found} is`,
    `Give the path of a ${wanted}.`,
  );
}
