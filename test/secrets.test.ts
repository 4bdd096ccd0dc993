import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from "vitest";
import {
  allWays,
  fetchFailures,
  searchRuns,
  secretFailures,
  secretsAt,
  serverFailures,
  type Extent,
} from "./support/failing-matrix.js";
import { someErrorAnswers, useHostileServer } from "./support/hostile-server.js";
import { formsOf, LeakSearch } from "./support/leak-search.js";

/** Each failure once, with another host each time; test/full/secrets.test.ts has every host for each. */
const some: Extent = {
  errorAnswers: someErrorAnswers,
  ways: (index) => [allWays[index % allWays.length]!],
};

describe.each(["users", "truto"] as const)("%s: no secret comes to light", (api) => {
  test("when its server fails and echoes all it heard", async () => {
    const server = await useHostileServer();
    const t = performance.now();
    const outcome = await searchRuns(serverFailures(api, server, some), secretsAt(server));
    console.log(performance.now() - t, outcome.searched, outcome.leaks.length);
    expect(outcome).toMatchObject({ leaks: [], idle: [] });
  }, 60000);

  test("when the fetch that was given fails", async () => {
    const server = await useHostileServer();
    const outcome = await searchRuns(fetchFailures(api, server, some), secretsAt(server));
    expect(outcome).toMatchObject({ leaks: [], idle: [] });
  });

  test("when the function that gives the secret fails", async () => {
    const server = await useHostileServer();
    const outcome = await searchRuns(secretFailures(api, server, some), secretsAt(server));
    expect(outcome).toMatchObject({ leaks: [], idle: [] });
  });
});
