import { describe, test } from "vitest";
import { descriptorsFromOpenApi } from "../../src/openapi/descriptors.js";
import usersApi from "../../src/sources/users-api/openapi.json" with { type: "json" };
import { expectSentAsDescribed, providerClients } from "./provider-clients.js";
import { directus } from "./public-documents.js";

describe.each(Object.entries(providerClients))("%s sends every tool as it is described", (_, client) => {
  test("of the Users API", async () => {
    await expectSentAsDescribed(client, descriptorsFromOpenApi(usersApi, { names: "portable" }));
  });

  test("of Directus, all 136", async () => {
    await expectSentAsDescribed(client, descriptorsFromOpenApi(directus()));
  });
});
