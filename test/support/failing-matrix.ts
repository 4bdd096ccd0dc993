import { failingFetches, failingFor, failingSecrets } from "./failing-clients.js";
import { hostNames, runFailing, type FailingRun, type Host } from "./failing-run.js";
import {
  brokenAnswers,
  brokenTokens,
  brokenTools,
  type Endpoint,
  type Failure,
  type HostileServer,
} from "./hostile-server.js";
import { passOver, type LeakSearch, type Secret } from "./leak-search.js";

/** Credentials of the forms that real ones have, with every character that an encoding changes. */
export const clientId = "client-1 %of+acme:ö";
export const clientSecret = 'p@ss:w/ö%r+d "q" \\ and-no_more.of!it';
export const apiKey = 'truto_p@ss:w/%r+d"q"\\key&=~and-more';

/** The endpoints of each API. */
export const endpoints: Record<FailingRun["api"], readonly Endpoint[]> = {
  users: ["token", "revoke", "list", "get", "suspend", "reactivate"],
  truto: ["tools", "list", "get", "suspend", "reactivate"],
};

/** One run, what goes wrong in it, and whether it has. */
export type NamedRun = FailingRun & { readonly name: string; readonly hasFailed: () => boolean };

/** How often each run is made. */
export interface Extent {
  readonly errorAnswers: Record<string, Failure>;
  /** Who calls, and with backoff or without, in the run of that number. */
  readonly ways: (index: number) => readonly { host: Host; backoff: boolean }[];
}

/** All hosts with and without backoff, one after the other. */
export const allWays = [false, true].flatMap((backoff) => hostNames.map((host) => ({ host, backoff })));

const handling = ["fixable", "all", "none"] as const;

/** Every endpoint of an API with every kind of failure of its server. */
export function serverFailures(api: FailingRun["api"], server: HostileServer, extent: Extent): NamedRun[] {
  return endpoints[api]
    .flatMap((endpoint) =>
      Object.entries({
        ...extent.errorAnswers,
        ...brokenAnswers,
        ...(endpoint === "token" ? brokenTokens : {}),
        ...(endpoint === "tools" ? brokenTools : {}),
      }).map(([name, failure]) => ({ endpoint, name, failure })),
    )
    .flatMap(({ endpoint, name, failure }, index) =>
      extent.ways(index).map((way) => ({
        ...way,
        ...credentialsOf(api),
        name: `${name} from ${endpoint}`,
        endpoint,
        ...server.failing(endpoint, failure),
        handleErrors: handling[index % handling.length]!,
      })),
    );
}

/** Every endpoint of an API with every way in which a `fetch` of the user's own breaks. */
export function fetchFailures(api: FailingRun["api"], server: HostileServer, extent: Extent): NamedRun[] {
  return endpoints[api]
    .flatMap((endpoint) => Object.entries(failingFetches).map(([name, fail]) => ({ endpoint, name, fail })))
    .flatMap(({ endpoint, name, fail }, index) =>
      extent.ways(index).map((way) => ({
        ...way,
        ...credentialsOf(api),
        name: `fetch throws ${name} at ${endpoint}`,
        endpoint,
        baseUrl: server.baseUrl,
        ...failingFor(endpoint, fail),
      })),
    );
}

/** Every way in which a function that is asked for the secret fails. */
export function secretFailures(api: FailingRun["api"], server: HostileServer, extent: Extent): NamedRun[] {
  return Object.entries(failingSecrets).flatMap(([name, failing], index) =>
    extent.ways(index).map((way) => {
      const { secret, ...run } = credentialsOf(api);
      let hasFailed = false;
      const ask = failing(secret);
      const asked = async () => {
        hasFailed = true;
        try {
          return await ask();
        } catch (error) {
          passOver(error as object);
          throw error;
        }
      };
      return {
        ...way,
        ...run,
        name: `the secret's function ${name}`,
        endpoint: "get" as const,
        baseUrl: server.baseUrl,
        secret: asked,
        hasFailed: () => hasFailed,
      };
    }),
  );
}

function credentialsOf(api: FailingRun["api"]) {
  return { api, clientId, secret: api === "users" ? clientSecret : apiKey };
}

/** Everything that must be nowhere, the credentials of token requests among it. */
export function secretsAt(server: HostileServer): Secret[] {
  return [
    { name: "client secret", value: clientSecret },
    { name: "Basic credentials", value: basicCredentials(clientId, clientSecret) },
    { name: "access token", value: server.tokenStart },
    { name: "API key", value: apiKey },
  ];
}

/** RFC 6749, 2.3.1, with RFC 3986's unreserved characters as they are, by hand: what is sent has to be known without asking the code that sends it. */
function basicCredentials(id: string, secret: string): string {
  const half = (text: string) =>
    encodeURIComponent(text)
      .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%20", "+");
  return btoa(`${half(id)}:${half(secret)}`);
}

/** What came of many runs. */
export interface Outcome {
  /** Where which secret was found. */
  readonly leaks: readonly string[];
  /** Runs in which nothing failed, and that so have shown nothing. */
  readonly idle: readonly string[];
}

/** Many of them only wait, for a repetition or for an answer that never comes. */
const atOnce = 32;

/** Failures that a run has to be patient for. */
const silence = /no answer in time|stalls/;

/** Makes the runs, and searches all that comes to light. */
export async function searchRuns(runs: readonly NamedRun[], search: LeakSearch): Promise<Outcome> {
  const leaks: string[] = [];
  const idle: string[] = [];
  // Those that wait come first, so that the others work in the meantime.
  const waits = ({ backoff, name }: NamedRun) => Number(backoff) + 2 * Number(silence.test(name));
  const waiting = [...runs].sort((one, other) => waits(other) - waits(one));
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
        leaks.push(...(await searchRun(run, search)));
        if (!run.hasFailed()) idle.push(`${run.api}: ${run.name}, ${run.host}`);
      }
    }),
  );
  return { leaks, idle };
}

async function searchRun(run: NamedRun, search: LeakSearch): Promise<string[]> {
  const found: string[] = [];
  const note = (where: string, leaks: ReturnType<LeakSearch["in"]>) => {
    for (const { what, around } of leaks) {
      found.push(`${run.api}: ${run.name}, ${run.host}: ${what} in ${where}: ${around}`);
    }
  };
  const told: { where: string; what: unknown }[] = [];
  const witness = {
    shown: (where: string, what: unknown) => note(where, search.in(what)),
    told: (where: string, what: unknown) => void told.push({ where, what }),
  };
  const isSilence = silence.test(run.name);
  // On a machine under load, the requests before the silent one may take longer than the patience for it.
  for (let timeoutMs = isSilence ? 200 : 10_000; ; timeoutMs *= 4) {
    await runFailing({ ...run, timeoutMs }, witness);
    if (run.hasFailed() || !isSilence || timeoutMs > 10_000) break;
  }
  // One after the other, so that what they share is walked through once.
  const seen = new Set<unknown>();
  for (const { where, what } of told) note(where, search.inside(what, seen));
  return found;
}
