import type { WantedState } from "./access-list.js";
import { folded, wordSet } from "./access-list-header-words.js";

/** What a cell says of somebody's state, whatever its column is called. */
export type StateWord = WantedState | "other";

const suspendedWords = wordSet(`
  suspended suspend inactive notactive disabled disable deactivated deactivate terminated terminate deprovisioned
  offboarded left leaver blocked archived transfersuspended
  inaktiv deaktiviert gesperrt suspendiert ausgeschieden
  inactif inactive desactive desactivee suspendu suspendue bloque bloquee parti partie
  inactivo inactiva suspendido suspendida desactivado desactivada bloqueado bloqueada
  inattivo inattiva sospeso sospesa disattivato disattivata bloccato bloccata
  inativo inativa suspenso suspensa desativado desativada desligado desligada
  inactief geblokkeerd gedeactiveerd geschorst uitdienst
  nieaktywny nieaktywna zawieszony zawieszona zablokowany zablokowana
  avstangd inaktiverad suspenderet suspendert deaktiveret deaktivert
  停止 停止中 無効 退職 退職済
`);

const activeWords = wordSet(`
  active activated enabled enable reactivate reactivated
  aktiv aktiviert actif activo activa attivo attiva ativo ativa actief aktywny aktywna
  有効 在籍 在籍中 利用中
`);

/** States of accounts and of people at work that are neither: a column that holds one is about states. */
const otherWords = wordSet(`
  staged pending locked lockedout invited provisioned unprovisioned onboarding offboarding onleave leave employed
  deleted removed retired resigned expired unknown recovery transferstarted recoverystarted passwordexpired
  ausstehend eingeladen beurlaubt beschaftigt gelost
  enattente invite pendiente invitado insospeso pendente convidado inafwachting oczekujacy vantande
  保留 招待中 休職
`);

const yesWords = wordSet(
  "true yes y 1 on x ja j oui o vrai si s verdadero vero sim verdadeiro tak wahr waar はい ○",
);
const noWords = wordSet("false no n 0 off nein nee non faux falso nao nie falsch onwaar nej nei いいえ ×");
const marks: ReadonlySet<string> = new Set(["\u2713", "\u2714", "\u2611", "\u2705"]);

/** Reads a cell as a state: `other` for a word of that kind that is neither, `undefined` for anything else. */
export function stateWord(cell: string): StateWord | undefined {
  const word = folded(cell.slice(0, maxWordLength)).replace(/[\s_-]+/gu, "");
  if (suspendedWords.has(word)) return "SUSPENDED";
  if (activeWords.has(word)) return "ACTIVE";
  return otherWords.has(word) ? "other" : undefined;
}

/** Reads a cell as a yes or a no; `undefined` for anything else. */
export function flagIn(cell: string): boolean | undefined {
  const word = folded(cell.slice(0, maxWordLength)).trim();
  if (yesWords.has(word) || marks.has(word)) return true;
  return noWords.has(word) ? false : undefined;
}

/** No word of these lists is as long. */
const maxWordLength = 40;
