/** The version of this package, as `package.json` has it. Sent in `User-Agent`. */
export const version = "0.1.0";
