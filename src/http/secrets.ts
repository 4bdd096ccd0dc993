/**
 * Takes secrets out of a text that a server wrote, in each form that an echo may have: plain,
 * percent-encoded, form-encoded, base64 and JSON-escaped.
 */
export function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) {
    // A very short "secret" would blank out ordinary words and protect nothing.
    if (secret.length < 4) continue;
    // The longest form first, so that no part of it stays behind a shorter one.
    const forms = [...formsOf(secret)].sort((a, b) => b.length - a.length);
    for (const form of forms) clean = clean.replaceAll(form, "[secret]");
  }
  return clean;
}

function formsOf(secret: string): Set<string> {
  const percentEncoded = encodeURIComponent(secret);
  return new Set([
    secret,
    percentEncoded,
    percentEncoded.replaceAll("%20", "+"),
    new URLSearchParams([["", secret]]).toString().slice(1),
    base64(secret),
    base64(secret).replace(/=+$/, ""),
    JSON.stringify(secret).slice(1, -1),
  ]);
}

/** Base64 of a text's UTF-8 bytes. */
export function base64(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
