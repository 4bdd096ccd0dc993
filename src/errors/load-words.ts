import { loadOnce } from "../load-once.js";

/** What puts failures into words: needed only when something fails, and loaded only then. */
export const loadWords = loadOnce(() => import("./words.js"));
