/** Credentials for servers that check none. */
export const someCredentials = {
  accountId: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  clientId: "client-1",
  clientSecret: "secret-of-client-1",
};

/** An id of the right form. */
export const someId = "IR7VJHJ36JHINBFAD7V2T5MP3E";

/** A person with that id. */
export const somebody = {
  id: someId,
  email: "m.scott@example.com",
  display_name: "Michael Scott",
  state: "ACTIVE",
  create_time: "2024-03-01T10:00:00Z",
  path: `accounts/${someCredentials.accountId}/users/${someId}`,
} as const;
