import { folded, headerWords, partsOf, wordSet } from "./access-list-header-words.js";

/**
 * How the cells of a column of states are read: `plain` holds states in words; in `active` a yes, and in `suspending`
 * and `weak` a no, means ACTIVE (a no to a `weak` one, such as `archived`, only where nothing else says more); `end`
 * holds the day on which somebody leaves; to `locked` a yes is a state of its own, and a no says nothing.
 */
export type StateSense = "plain" | "active" | "suspending" | "weak" | "end" | "locked";

/**
 * What a header says of its column: the state of an account, or something else (`other`); an attribute such as a
 * name, which is no yes or no about somebody's state; `unclear` where it speaks of a state among words that are not
 * known; `unknown`.
 */
export type StateHeader =
  | {
      readonly kind: "state";
      readonly sense: StateSense;
      /** Whether it says which state somebody should be in, rather than is in. */
      readonly isWanted: boolean;
      /** What else the word is used for: a part of a country, or the person. The cells tell which. */
      readonly otherUse: "place" | "person" | undefined;
    }
  | { readonly kind: "other" | "attribute" | "unclear" | "unknown" };

const plainWords = wordSet(`
  state states status statuses lifecycle zustand etat statut estado estatus stato situacao situacion staat stan tila
  tillstand tilstand stav durum 状態 ステータス 在籍状況 状态 상태 статус
`);
const activeWords = wordSet(`
  active enabled employed activated isactive isenabled aktiv aktiviert actif active activo activa attivo attiva ativo
  ativa actief aktywny aktywna aktywne 有効 在籍
`);
const suspendingWords = wordSet(`
  suspended disabled deactivated terminated inactive issuspended isdisabled isinactive
  suspendiert deaktiviert desaktiviert inaktiv suspendu desactive inactif suspendido desactivado inactivo sospeso disattivato
  inattivo suspenso desativado inativo geschorst gedeactiveerd inactief zawieszony nieaktywny avstangd suspenderet
  suspendert deaktiveret suspendue desactivee suspendida desactivada inactiva sospesa disattivata inattiva suspensa
  desativada inativa zawieszona zawieszone nieaktywna nieaktywne 停止 無効
`);
/** What turns a word such as `active` round, where a header writes it as a word of its own. */
const negations = wordSet("in de des dis");
const weakWords = wordSet(`
  archived blocked block deleted revoked left leaver leavers offboarded deprovisioned departed isarchived isblocked isdeleted
  gesperrt geloscht ausgeschieden bloque bloqueado bloccato desligado geblokkeerd zablokowany bloquee
  bloqueada bloccata zablokowana zablokowane 退職
`);
const lockedWords = wordSet("locked lockout lockedout islocked onleave");

/** What ends, and the day on which it does. */
const endWords = wordSet(`
  termination terminating deactivation suspension offboarding separation departure exit leaving end ends ended expiry
  expires expiration expire relieving ende fin fine fim einde koniec termino austritt kundigung sortie depart baja cese cessazione desligamento demissao uitdiensttreding
  zwolnienia zakonczenia rozwiazania salida terminacion uscita saida rescisao until
`);
const dateWords = wordSet(`
  date dates on at day time since effective last final working until datum tag date dato data fecha
`);
const endDateWords = wordSet(`
  austrittsdatum kundigungsdatum datedesortie vertragsende beschaftigungsende ausscheidedatum austrittstermin einddatum
  slutdatum sluttdato fratraedelsesdato dol lwd 退職日
`);
const lastWords = wordSet("last final letzter dernier ultimo laatste ostatni");
const dayWords = wordSet("day tag arbeitstag jour dia giorno dag werkdag dzien");
/** An end that could be that of anything, where no day is spoken of. */
const vagueEndWords = wordSet("end ends ended ende fin fine fim einde koniec termino");
const wantedWords = wordSet("expected wanted desired target should");

/** What may stand beside these and changes nothing. */
const harmlessWords = wordSet(`
  account accounts user users employee employees employment worker workers staff member person people hr work login
  sign signin in is was has been be current currently still read only readonly required mandatory the of or a s id
  company corporate organization organisation credential credentials access onepassword contract job
  konto benutzer mitarbeiter compte utilisateur employe cuenta usuario empleado account utente dipendente conta
  funcionario gebruiker medewerker konta uzytkownika pracownika anvandare bruger bruker de du des der die del la le el della di do
  da von contrat contrato contratto rapporto dienstverband umowy travail travaille trabajo trabalho lavoro pracy
  アカウント ユーザー 社員 の
`);

/** What signs in or proves who somebody is: a day that belongs to it is not the one on which somebody leaves. */
const credentialWords = wordSet("login sign signin credential credentials id");

/** What has a state of its own, which is not that of the account. */
const otherWords = wordSet(`
  mfa fa sv factor otp totp sso licence licences license licenses licensed lizenz lizenzen licencia licenza licenca
  licentie subscription plan billing payment invoice invite invited invites invitation invitations einladung marital
  familienstand civil matrimonial postal mailing shipping home street city province country county region zip postcode
  sync synced synchronized synchronised password passwort mailbox phone mobile device devices laptop terms admin
  administrator manager supervisor approver approval enforced enrolled enrollment verified verification visa
  citizenship passport permit probation probezeit trial insurance certificate certification veteran vaccination training ticket request order onboarding consent
`);

/** What says something of a person, where a yes, a no or a letter is none about their state. */
const attributeWords = wordSet(`
  name names first middle last surname initial initials title id ids number no nr type role roles group groups team
  teams department division unit location office site building floor language locale gender sex grade level size
  code cost centre center address birth hire hired start started joined created updated modified changed activity
  contractor remote external guest executive intern notes note comment comments delegated whitelisted agreed email mail
  vorname nachname abteilung standort nom prenom service nombre apellido departamento nome cognome reparto sobrenome
  naam afdeling imie nazwisko dzial namn navn 氏名 名前 部署
`);

const stateWords: ReadonlySet<string> = new Set([
  ...plainWords,
  ...activeWords,
  ...suspendingWords,
  ...weakWords,
  ...lockedWords,
  ...endWords,
  ...endDateWords,
]);
const knownWords: ReadonlySet<string> = new Set([
  ...stateWords,
  ...dateWords,
  ...lastWords,
  ...dayWords,
  ...wantedWords,
  ...harmlessWords,
]);

/** Parts of unknown words by which a header may be about a state all the same. */
const stateParts = [
  "status",
  "state",
  "activ",
  "aktiv",
  "suspen",
  "enabl",
  "disabl",
  "terminat",
  "archiv",
  "block",
  "lock",
  "sperr",
  "offboard",
  "provision",
  "leav",
  "resign",
  "retire",
  "dismiss",
  "befrist",
];

/** A longer header is not looked at. */
const maxLength = 201;

const postalWords = wordSet("state estado stato etat staat");
const personWords = wordSet("leaver leavers");
const accountWords = wordSet(
  "account accounts user users login signin onepassword access konto compte cuenta conta",
);
const addressWords = wordSet(`
  city town zip zipcode postcode postal country county street province region address stadt ort plz land strasse ville
  pays ciudad pais citta paese cidade stad
`);

/** Reads what a header says of the states in its column. */
export function stateHeader(header: string): StateHeader {
  const text = asWords(header);
  const words = withNegations(
    headerWords(text).flatMap((word) => partsOf(word, knownWords) ?? [word]),
    folded(text),
  );
  if (isUnclear(header, words)) return { kind: "unclear" };
  if (words.some((word) => otherWords.has(word))) return { kind: "other" };
  const isAbout =
    isLastDay(words) ||
    words.some((word) => stateWords.has(word) || word === "should" || mayBePartOfState(word));
  if (!isAbout) {
    // A header such as "#" counts the lines.
    const isCount = words.length === 0 && header.trim() !== "";
    return { kind: isCount || words.some((word) => attributeWords.has(word)) ? "attribute" : "unknown" };
  }
  const sense = words.every((word) => knownWords.has(word)) ? senseOf(words) : undefined;
  if (sense === undefined) return { kind: "unclear" };
  return {
    kind: "state",
    sense,
    isWanted: words.some((word) => wantedWords.has(word)) || words[0] === "required",
    otherUse: otherUseOf(words),
  };
}

/** Whether a header is that of a part of a postal address. */
export function isAddressHeader(header: string): boolean {
  return headerWords(header).some((word) => addressWords.has(word));
}

/** Phrases whose words mean something else apart, as one word each; and no reminder of which answers a cell holds. */
function asWords(header: string): string {
  return header
    .slice(0, maxLength)
    .replace(/active[ _-]?directory/gi, "directory")
    .replace(/off[ _-]boarding/gi, "offboarding")
    .replace(/\bon[ _-]?leave\b/gi, "onleave")
    .replace(/\buit[ _-]dienst\b/gi, "uitdiensttreding")
    .replace(/\bterm[ _-]?(?:date|dt)\b/gi, "termination date")
    .replace(/\b(?:y\/n|yes\/no|true\/false|j\/n|ja\/nein|o\/n|oui\/non|s\/n)\b/gi, " ");
}

/** Whether a header speaks of a state in a way that is not read: who has ended an account, or Active Directory's flags. */
function isUnclear(header: string, words: readonly string[]): boolean {
  const isEnded = words.some((word) => suspendingWords.has(word) || weakWords.has(word));
  return (
    (isEnded && words.includes("by")) || /user[ _-]?account[ _-]?control/i.test(header.slice(0, maxLength))
  );
}

/** Words with `in` and `active` as one where the header has them as one, as in `InActive` and `in-active`. */
function withNegations(words: readonly string[], header: string): readonly string[] {
  const isJoined = (index: number) => {
    const [before = "", word = ""] = [words[index - 1], words[index]];
    const isOneWord = header.includes(before + word) || header.includes(`${before}-${word}`);
    return negations.has(before) && suspendingWords.has(before + word) && isOneWord;
  };
  return words.flatMap((word, index) => {
    if (isJoined(index + 1)) return [];
    return [isJoined(index) ? `${words[index - 1] ?? ""}${word}` : word];
  });
}

function senseOf(words: readonly string[]): StateSense | undefined {
  const has = (some: ReadonlySet<string>) => words.some((word) => some.has(word));
  const isEnding = has(suspendingWords) || has(weakWords);
  // "In active" may be a slip for "inactive", which means the opposite.
  if (words.some((word, index) => activeWords.has(word) && negations.has(words[index - 1] ?? "")))
    return undefined;
  // A last day of logging in says nothing, and an identity card ends before its holder leaves.
  const isOfCredential = has(credentialWords) || (isLastDay(words) && words.includes("access"));
  if (isOfCredential && (isLastDay(words) || has(endWords))) return undefined;
  if (has(lockedWords)) return isEnding || has(activeWords) ? undefined : "locked";
  if (has(activeWords)) {
    if (has(dateWords)) return undefined;
    return isEnding || has(endWords) ? "plain" : "active";
  }
  if (isLastDay(words) || has(endDateWords) || ((isEnding || has(endWords)) && has(dateWords))) return "end";
  if (has(suspendingWords)) return "suspending";
  // An "end" that is none of a day could be that of anything.
  if (has(endWords)) return has(vagueEndWords) ? undefined : "weak";
  return has(weakWords) ? "weak" : "plain";
}

function otherUseOf(words: readonly string[]): "place" | "person" | undefined {
  if (words.some((word) => personWords.has(word))) return "person";
  const isPlace =
    words.some((word) => postalWords.has(word)) && !words.some((word) => accountWords.has(word));
  return isPlace ? "place" : undefined;
}

function isLastDay(words: readonly string[]): boolean {
  return words.some((word) => dayWords.has(word)) && words.some((word) => lastWords.has(word));
}

function mayBePartOfState(word: string): boolean {
  if (knownWords.has(word) || attributeWords.has(word)) return false;
  return stateParts.some((part) => word.includes(part));
}
