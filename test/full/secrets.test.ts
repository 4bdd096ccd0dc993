import { describe, expect, test } from "vitest";
import {
  allWays,
  fetchFailures,
  searchRuns,
  secretFailures,
  secretsAt,
  serverFailures,
  type Extent,
} from "../support/failing-matrix.js";
import { errorAnswers, useHostileServer } from "../support/hostile-server.js";
import { LeakSearch } from "../support/leak-search.js";
import { keepPrinted } from "../support/printed.js";

/** Every status with every body, with backoff and without, another host each time. */
const everyAnswer: Extent = {
  errorAnswers,
  ways: (index) => [0, 6].map((half) => allWays[half + (index % 6)]!),
};

/** What else goes wrong, with every host, with backoff and without. */
const everyHost: Extent = { errorAnswers: {}, ways: () => allWays };

describe.each(["users", "truto"] as const)("in a run with %s, no secret comes to light", (api) => {
  test.each([
    ["the server refuses with any status and body", serverFailures, everyAnswer],
    ["the server breaks", serverFailures, everyHost],
    ["the fetch that was given fails", fetchFailures, everyHost],
    ["the function that gives the secret fails", secretFailures, everyHost],
  ])(
    "when %s",
    async (_what, failures, extent) => {
      const printed = keepPrinted();
      const server = await useHostileServer();
      const search = new LeakSearch(secretsAt(server));
      const outcome = await searchRuns(failures(api, server, extent), search);
      expect(outcome).toEqual({ leaks: [], idle: [] });
      expect(search.in(printed)).toEqual([]);
    },
    600_000,
  );
});
