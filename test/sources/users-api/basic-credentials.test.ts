import fc from "fast-check";
import { expect, test } from "vitest";
import { usersApi } from "langchain-1password";
import { directContext } from "../../support/context.js";
import { someCredentials, somebody, someId } from "../../support/credentials.js";
import { sendJson, tokenBody, useServer } from "../../support/server.js";

/** A server that takes the halves of Basic credentials as they come, as 1Password's pages describe it. */
async function useServerThatDecodesNothing() {
  const halves: string[] = [];
  const { baseUrl } = await useServer(({ url, headers }, response) => {
    if (!url.pathname.includes("oauth")) {
      sendJson(response, 200, somebody);
      return;
    }
    const [, credentials = ""] = (headers.authorization ?? "").split(" ");
    halves.push(Buffer.from(credentials, "base64").toString());
    sendJson(response, 200, tokenBody);
  });
  return { baseUrl, halves };
}

async function sentBy(clientId: string, clientSecret: string): Promise<string | undefined> {
  const { baseUrl, halves } = await useServerThatDecodesNothing();
  const source = usersApi({ ...someCredentials, clientId, clientSecret, baseUrl, apiVersion: "v1" });
  await source.readUser(someId, directContext());
  return halves[0];
}

test("a UUID as client id and a base64url secret are sent as they are", async () => {
  const id = "5f0c2a9e-0000-4000-8000-1a2b3c4d5e6f";
  const secret = "mX3-k_9.Zq2~Yt7_Lw0";
  expect(await sentBy(id, secret)).toBe(`${id}:${secret}`);
});

test("what RFC 3986 calls unreserved is sent as it is, whatever the credentials", async () => {
  const half = fc.stringMatching(/^[A-Za-z0-9._~-]{8,60}$/);
  await fc.assert(
    fc.asyncProperty(half, half, async (id, secret) => {
      expect(await sentBy(id, secret)).toBe(`${id}:${secret}`);
    }),
    { numRuns: 20 },
  );
});

test("everything else is form-encoded, so that a colon in an id does not end it", async () => {
  expect(await sentBy("a:b c", "!'()*+%/=é")).toBe("a%3Ab+c:%21%27%28%29%2A%2B%25%2F%3D%C3%A9");
});
