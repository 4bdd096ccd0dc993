/** Takes secrets out of texts, in every form in which they travel. */
export interface Redaction {
  readonly redact: (text: string) => string;
  /** One more secret to take out from now on. */
  readonly add: (secret: string) => void;
}

/** A text without its secrets. */
export type Redact = Redaction["redact"];

/**
 * Starts a {@link Redaction}. What the log and the list of violations quote of a request goes through it: a
 * client that puts a secret where it does not belong is told so without the secret being written down.
 */
export function createRedaction(secrets: readonly string[]): Redaction {
  const forms = new Set(secrets.flatMap(formsOf));
  return {
    redact: (text) => {
      let redacted = text;
      for (const form of forms) redacted = redacted.replaceAll(form, "[secret]");
      return redacted;
    },
    add: (secret) => {
      for (const form of formsOf(secret)) forms.add(form);
    },
  };
}

function formsOf(secret: string): string[] {
  const percentEncoded = encodeURIComponent(secret);
  return [
    secret,
    percentEncoded,
    percentEncoded.replaceAll("%20", "+"),
    new URLSearchParams({ secret }).toString().slice("secret=".length),
    // Without its padding, so that it is found in the middle of a longer text as well.
    Buffer.from(secret)
      .toString("base64")
      .replace(/={1,2}$/, ""),
  ];
}
