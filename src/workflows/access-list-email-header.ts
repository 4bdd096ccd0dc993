import { headerWords, partsOf, wordSet } from "./access-list-header-words.js";

/** What an address is called, in the languages that directories and HR systems export. */
const emailWords = wordSet(`
  email emails mail mails smtp
  epost epostadress epostadresse mejl mejladress
  courriel courriels messagerie
  correo correos correio
  posta poczta poczty
  メール Eメール メアド
`);

/**
 * What may stand beside it: words that say that the address is the person's own at work, or nothing at all. Whatever
 * is not here, such as another person's role, makes a header mean something else.
 */
const harmlessWords = wordSet(`
  address addresses id value the of s required mandatory read only readonly
  work business company corporate organization organisation professional official primary main
  user users employee employees worker workers staff member members person leaver leavers
  account accounts login onepassword
  adresse adressen der des die dienst dienste dienstlich dienstliche dienstlicher geschaftlich geschaftliche
  geschaftlicher geschaeftlich geschaeftliche geschaeftlicher geschafts geschaefts beruflich berufliche beruflicher
  betrieblich betriebliche firma firmen arbeit arbeits unternehmen unternehmens mitarbeiter mitarbeiterin mitarbeiters
  mitarbeitende mitarbeitenden benutzer benutzers nutzer nutzers konto haupt pflichtfeld
  adresses electronique professionnel professionnelle professionnels entreprise travail societe employe employee
  salarie salariee collaborateur utilisateur compte obligatoire de du d l la le
  electronico electronica corporativo corporativa laboral trabajo empresa empresarial profesional institucional
  empleado empleada trabajador trabajadora usuario cuenta direccion obligatorio del el
  elettronica elettronico aziendale lavoro lavorativa professionale dipendente utente indirizzo obbligatorio di della
  eletronico eletronica trabalho profissional funcionario funcionaria colaborador colaboradora utilizador conta
  endereco do da
  adres adressen werk zakelijk zakelijke bedrijf bedrijfs medewerker medewerkers werknemer werknemers gebruiker
  gebruikers verplicht
  sluzbowy sluzbowe sluzbowa firmowy firmowe firmowa elektroniczna elektronicznej elektroniczny pracownik pracownika
  uzytkownik uzytkownika konta
  adress arbete arbets arbejde arbejds arbeid arbeids jobb job foretag foretags anstalld ansatt ansat medarbetare
  medarbejder medarbeider anvandare bruger bruker
  会社 社用 社内 業務 業務用 勤務先 職場 仕事 仕事用 社員 従業員 ユーザー ユーザ 利用者 アカウント アドレス 電子 の 用 必須
`);

const ownEmailWords: ReadonlySet<string> = new Set([...emailWords, ...harmlessWords]);

/** What Active Directory and Entra ID call the name that a person signs in with: it has the form of an address. */
const principalNames: ReadonlySet<string> = new Set(["upn", "userprincipalname", "benutzerprinzipalname"]);

/** Parts of words by which a header is known to be about addresses, whosever they are. */
const emailParts = ["mail", "epost", "mejl", "smtp", "courriel", "messagerie", "correo", "correio"];
const otherEmailParts = ["postaelettronica", "poczt", "メール", "邮", "메일", "почт"];

/** Whether a header says of its column that it holds the people's own addresses at work, and nothing else. */
export function isEmailHeader(header: string): boolean {
  if (!mentionsEmail(header)) return false;
  const words = headerWords(header);
  const parts = words.map((word) =>
    // The first of a contact's addresses, as address books export it: "E-mail 1 - Value".
    word === "1" && words.at(-1) === "value" ? [word] : partsOf(word, ownEmailWords),
  );
  return parts.every((some) => some !== undefined) && parts.flat().some((part) => emailWords.has(part));
}

/** Whether a header is that of the names that people sign in with, which may differ from their addresses. */
export function isPrincipalNameHeader(header: string): boolean {
  return principalNames.has(headerWords(header).join(""));
}

/** Whether a header is about addresses at all, whosever they are. */
export function mentionsEmail(header: string): boolean {
  const words = headerWords(header);
  const text = words.join("");
  return (
    words.some((word) => emailParts.some((part) => word.includes(part))) ||
    otherEmailParts.some((part) => text.includes(part.normalize("NFD").replace(/\p{M}/gu, ""))) ||
    isPrincipalNameHeader(header)
  );
}
