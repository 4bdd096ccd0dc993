// What the tests of the file of servers run in processes of their own. Arguments: the file, what to do, a prefix.
import { once } from "node:events";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { fileMcpServerStore } from "langchain-1password/node";
import { serverRecord } from "./file-mcp-server-records.js";

const [path = "", task, prefix = ""] = process.argv.slice(2);
const store = fileMcpServerStore(path);

switch (task) {
  case "create and delete": {
    process.stdout.write("ready\n");
    await once(process.stdin, "data");
    process.stdin.destroy();
    for (let n = 0; n < 10; n += 1) {
      await store.create(serverRecord(`${prefix}-kept-${n}`));
      await store.create(serverRecord(`${prefix}-gone-${n}`));
      await store.delete(`${prefix}-gone-${n}`);
    }
    break;
  }
  case "be killed before the rename": {
    promises.rename = () => {
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => undefined);
    };
    syncBuiltinESMExports();
    await store.create(serverRecord(`${prefix}-killed`));
    break;
  }
  case "sleep before the rename": {
    const handle = await promises.open(process.execPath, "r");
    const prototype = Object.getPrototypeOf(handle) as { sync: () => Promise<void> };
    await handle.close();
    const { sync } = prototype;
    prototype.sync = async function () {
      prototype.sync = sync;
      await sync.call(this);
      process.stdout.write("asleep\n");
      await once(process.stdin, "data");
      process.stdin.destroy();
    };
    await store.create(serverRecord(`${prefix}-slow`));
    break;
  }
  default:
    throw new Error(`There is no task "${task ?? ""}".`);
}
