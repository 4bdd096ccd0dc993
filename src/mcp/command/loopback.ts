import { isIPv4 } from "node:net";

/** Whether only this machine reaches an address to listen on. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === "localhost" || name === "::1" || name === "[::1]" || (isIPv4(host) && host.startsWith("127."))
  );
}
