const [base, smallest, largest, skew, damping] = [36, 1, 26, 38, 700];
const [firstBias, firstCodePoint] = [72, 128];

/**
 * The Unicode form of a domain, for people to compare; a label that cannot be decoded stays as it is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3492#section-6.2
 */
export function unicodeDomain(domain: string): string {
  return domain
    .split(".")
    .map((label) => (label.startsWith("xn--") ? (decoded(label.slice(4)) ?? label) : label))
    .join(".");
}

function decoded(label: string): string | undefined {
  const basicEnd = label.lastIndexOf("-");
  const points = Array.from(label.slice(0, Math.max(basicEnd, 0)), (letter) => letter.charCodeAt(0));
  const digits = Array.from(label.slice(basicEnd + 1), (letter) => Number.parseInt(letter, base));
  let [point, index, bias, at] = [firstCodePoint, 0, firstBias, 0];
  while (at < digits.length) {
    const before = index;
    for (let weight = 1, step = base; ; step += base) {
      // The digits of punycode begin with the letters.
      const value = ((digits[at] ?? Number.NaN) + 26) % base;
      at += 1;
      const threshold = Math.min(Math.max(step - bias, smallest), largest);
      index += value * weight;
      if (!(index <= 0x7fffffff)) return undefined;
      if (value < threshold) break;
      weight *= base - threshold;
    }
    const length = points.length + 1;
    bias = adapted(index - before, length, before === 0);
    point += Math.floor(index / length);
    if (point > 0x10ffff) return undefined;
    index %= length;
    points.splice(index, 0, point);
    index += 1;
  }
  return String.fromCodePoint(...points);
}

function adapted(delta: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? damping : 2));
  rest += Math.floor(rest / length);
  let steps = 0;
  while (rest > ((base - smallest) * largest) / 2) {
    rest = Math.floor(rest / (base - smallest));
    steps += base;
  }
  return steps + Math.floor(((base - smallest + 1) * rest) / (rest + skew));
}
