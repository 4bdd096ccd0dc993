import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import { freePort } from "./free-port.js";
import { leaveOut } from "./left-out.js";

const execute = promisify(execFile);

/** Where Debian's `postgresql` package puts a server, by its major version. */
const debianFolder = "/usr/lib/postgresql";

/**
 * Starts a PostgreSQL server on loopback for the test that is running, in a folder of its own, and stops it after
 * the test. Where no server is installed, the test is left out.
 *
 * @returns what to connect with; nobody is asked for a password
 */
export async function usePostgres(context: TestContext): Promise<string> {
  const programs = newestPrograms();
  if (programs === null) {
    return leaveOut(context, `Postgres: no server in ${debianFolder}; apt-get install postgresql`);
  }
  const { onTestFinished } = context;
  const folder = await mkdtemp(join(tmpdir(), "postgres-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const unprivileged = await unprivilegedUser(folder);
  const data = join(folder, "data");
  const initialise = [
    "--pgdata",
    data,
    "--auth=trust",
    "--username=postgres",
    "--encoding=UTF8",
    "--no-sync",
  ];
  await execute("setpriv", [...unprivileged, join(programs, "initdb"), ...initialise], { env: plain });

  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, "fsync=off"];
    const server = spawn(
      "setpriv",
      [
        ...unprivileged,
        // A test run that is killed leaves no server behind.
        "--pdeathsig=INT",
        join(programs, "postgres"),
        ...["-D", data, "-p", String(port)],
        ...settings.flatMap((setting) => ["-c", setting]),
      ],
      { env: plain, stdio: ["ignore", "ignore", "pipe"] },
    );
    onTestFinished(() => stop(server));
    const failure = await whyNotReady(server);
    if (failure === null) return `postgresql://postgres@127.0.0.1:${port}/postgres`;
    // Somebody else may have taken the port since it was found free.
    if (attempt === 3 || !failure.includes("could not bind")) {
      throw new Error(`PostgreSQL did not start:\n${failure}`);
    }
  }
}

/** No setting of the machine may reach the server. */
const plain = { LC_ALL: "C", PATH: "/usr/bin:/bin" };

function newestPrograms(): string | null {
  const versions = existsSync(debianFolder) ? readdirSync(debianFolder) : [];
  return (
    versions
      .sort((one, other) => Number(other) - Number(one))
      .map((version) => join(debianFolder, version, "bin"))
      .find((programs) => existsSync(join(programs, "initdb"))) ?? null
  );
}

/** The server refuses to be root: then it becomes the user whom the package made, and the folder theirs. */
async function unprivilegedUser(folder: string): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  await execute("chown", ["postgres:postgres", folder]);
  return ["--reuid=postgres", "--regid=postgres", "--clear-groups"];
}

/** `null` as soon as the server takes connections; what it wrote, where it ended instead. */
async function whyNotReady(server: ChildProcess): Promise<string | null> {
  const lines: string[] = [];
  if (server.stderr === null) throw new TypeError("The server's messages are not piped.");
  return new Promise((resolve, reject) => {
    createInterface({ input: server.stderr! }).on("line", (line) => {
      lines.push(line);
      if (line.includes("database system is ready to accept connections")) resolve(null);
    });
    server.once("error", reject);
    server.once("close", () => resolve(lines.join("\n")));
  });
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  // A fast shutdown: it waits for no client.
  server.kill("SIGINT");
  await ended;
}
