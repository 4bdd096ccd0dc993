import { plainText } from "../../content/plain-text.js";

/**
 * Passes on, once for each route and date, that the vendor means to shut a route off.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9745 the `deprecation` header
 * @see https://www.rfc-editor.org/rfc/rfc8594 the `sunset` header
 */
export function tellOfDeprecation(
  onWarning: (message: string) => void,
): (route: string, headers: Headers) => void {
  const told = new Set<string>();
  return (route, headers) => {
    const deprecation = headers.get("deprecation");
    const sunset = headers.get("sunset");
    if (deprecation === null && sunset === null) return;
    const message =
      `${route} is deprecated by 1Password` +
      (deprecation === null ? "" : ` (deprecation: ${plainText(deprecation, 60)})`) +
      (sunset === null ? "" : ` and will be shut off (sunset: ${plainText(sunset, 60)})`) +
      `. With apiVersion "auto" the next version is found by itself; check that this package is up to date.`;
    if (told.has(message) || told.size >= 100) return;
    told.add(message);
    onWarning(message);
  };
}
