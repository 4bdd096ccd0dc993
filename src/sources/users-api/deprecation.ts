import { plainText } from "../../content/plain-text.js";
import { withoutSecrets } from "../../http/secrets.js";

/**
 * Passes on, once for each date, that the vendor means to shut a route off.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9745 the `deprecation` header
 * @see https://www.rfc-editor.org/rfc/rfc8594 the `sunset` header
 */
export function tellOfDeprecation(
  onWarning: (message: string) => void,
): (route: string, headers: Headers, secrets: readonly string[]) => void {
  const told = new Set<string>();
  return (route, headers, secrets) => {
    const shown = (date: string) => plainText(withoutSecrets(date, secrets), 60);
    const deprecation = headers.get("deprecation");
    const sunset = headers.get("sunset");
    if (deprecation === null && sunset === null) return;
    const message =
      `${route} is deprecated by 1Password` +
      (deprecation === null ? "" : ` (deprecation: ${shown(deprecation)})`) +
      (sunset === null ? "" : ` and will be shut off (sunset: ${shown(sunset)})`) +
      `. With apiVersion "auto" the next version is found by itself; check that this package is up to date.`;
    const dates = `${deprecation ?? ""} ${sunset ?? ""}`;
    if (told.has(dates) || told.size >= 100) return;
    told.add(dates);
    onWarning(message);
  };
}
