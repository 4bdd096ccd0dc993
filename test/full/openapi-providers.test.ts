import { test } from "vitest";
import { descriptorsFromOpenApi } from "../../src/openapi/descriptors.js";
import { expectSentAsDescribed, providerClients } from "../openapi/provider-clients.js";
import { gitbook } from "../openapi/public-documents.js";

test.each(Object.entries(providerClients))(
  "%s sends all 377 tools of GitBook as described",
  async (_, client) => {
    await expectSentAsDescribed(client, descriptorsFromOpenApi(gitbook()));
  },
);
