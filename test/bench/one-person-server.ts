import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { somebody } from "../support/credentials.js";

// A process of its own: it answers every read with one person, every suspension with the same person suspended, and
// every token request with a token.
const person = JSON.stringify(somebody);
const suspended = JSON.stringify({ ...somebody, state: "SUSPENDED" });
const token = JSON.stringify({ access_token: "token-1", token_type: "Bearer", expires_in: 900 });

const server = createServer((request, response) => {
  request.resume();
  const { url = "" } = request;
  const body = url.endsWith("/token") ? token : url.endsWith(":suspend") ? suspended : person;
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
});
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
