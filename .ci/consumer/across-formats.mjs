/** An error of one format's build is known to the other's, although their classes differ. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as imported from "langchain-1password";
import * as sandboxes from "langchain-1password/sandbox";
import * as files from "langchain-1password/node";
import { keepFiles, offboard } from "./scenario.mjs";

const require = createRequire(import.meta.url);
/** @type {unknown} */
const exported = require("langchain-1password");
const required = /** @type {typeof imported} */ (exported);
assert.notEqual(imported.ToolsetError, required.ToolsetError);
assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());

for (const [one, other] of [
  [imported, required],
  [required, imported],
]) {
  assert(one && other);
  const error = await offboard(one, sandboxes);
  assert(error instanceof other.ToolsetError);
  assert(error instanceof other.HttpError);
  assert(!(error instanceof other.RateLimitError));
  assert(other.isToolsetError(error));
  await keepFiles(one, files);
}
