import { run } from "./backoff.ts";
const t=Date.now();
const table = await run();
console.table(table.rows); for (const c of table.checks) console.log(c.value<=c.limit?"ok  ":"FAIL", c.name, c.value, "<=", c.limit);
console.log((Date.now()-t)/1000,"s");
