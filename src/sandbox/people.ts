import { base32, randomFrom, type Random } from "./random.js";
import type { SandboxRole, SandboxUser, SandboxUserInput, SandboxUserState } from "./users.js";

const givenNames = [
  ...["Ada", "Alan", "Amara", "Andre", "Anita", "Bashir", "Beatriz", "Ben", "Carla", "Chen", "Chidi"],
  ...["Dana", "Darius", "Elena", "Emeka", "Farah", "Felix", "Gita", "Grace", "Hana", "Hugo", "Imani"],
  ...["Ines", "Ivan", "Jamal", "Jana", "Joan", "Kaito", "Karin", "Kofi", "Laila", "Leo", "Lucia"],
  ...["Magnus", "Maria", "Mateo", "Mina", "Nadia", "Nils", "Noor", "Olga", "Omar", "Paula", "Pedro"],
  ...["Priya", "Rahul", "Rosa", "Samir", "Sofia", "Tariq", "Tess", "Uma", "Viktor", "Wanda", "Yusuf"],
] as unknown as readonly [string, ...string[]];

const familyNames = [
  ...["Abbott", "Adeyemi", "Almeida", "Bauer", "Bergman", "Castillo", "Chowdhury", "Costa", "Dalton"],
  ...["Diaz", "Eriksen", "Farouk", "Fischer", "Fontaine", "Garcia", "Gupta", "Haddad", "Hansen", "Hughes"],
  ...["Ibrahim", "Ito", "Jansen", "Jimenez", "Kaplan", "Khan", "Kim", "Kowalski", "Larsen", "Lee", "Lopez"],
  ...["Martin", "Mbeki", "Meyer", "Moreau", "Mori", "Nakamura", "Nguyen", "Novak", "Okafor", "Olsen"],
  ...["Park", "Patel", "Petrov", "Quinn", "Ramos", "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Tanaka"],
  ...["Turner", "Ueda", "Vargas", "Volkov", "Wagner", "Walsh", "Weber", "Yamada", "Yilmaz", "Zhang"],
] as unknown as readonly [string, ...string[]];

/** Names that trip up code which builds CSV, JSON or prompts by hand: [display name, email's first half]. */
const unusualNames = [
  ["O'Brien, Niamh", "niamh.obrien"],
  ['Dwayne "Rocky" Johnson', "dwayne.johnson"],
  ["Zoë Faßbender", "zoe.fassbender"],
  ["李小龍", "xiaolong.li"],
  ["José Ñandú", "jose.nandu"],
  // An e and a combining accent: the same to the eye as é, not the same to a comparison.
  ["Ame\u0301lie Dubois", "amelie.dubois"],
  ["محمد الفارسي", "mohammed.alfarsi"],
  ["Smith, John, Jr.", "john.smith.jr"],
  ["Anna-Łucja Żółkiewska", "anna.zolkiewska"],
  ["Kim | Lee; \\ Partners", "kim.lee.partners"],
] as const satisfies readonly (readonly [string, string])[];

const firstJoined = Date.UTC(2018, 2, 1);
const lastJoined = Date.UTC(2026, 9, 31);

/**
 * Makes the people of an account, in an order that depends on the seed. As far as the number allows it,
 * they are: `m.scott@example.com`, an active member; two owners; an externally managed administrator;
 * somebody suspended; somebody else called Michael Scott; names that are hard to quote; and then others,
 * about one in twelve of them suspended, one in a hundred externally managed.
 */
export function peopleFrom(seed: number, count: number, accountId: string): SandboxUser[] {
  const random = randomFrom(seed, "people");
  const timesTaken = new Map<string, number>();
  const uniqueEmail = (local: string) => {
    const taken = timesTaken.get(local) ?? 0;
    timesTaken.set(local, taken + 1);
    return `${local}${taken === 0 ? "" : String(taken + 1)}@example.com`;
  };
  const person = (name: string, local: string, role: SandboxRole, state: SandboxUserState) =>
    complete({ email: uniqueEmail(local), display_name: name, role, state }, accountId, random);
  const ordinary = (role: SandboxRole, state: SandboxUserState) => {
    const given = random.pick(givenNames);
    const family = random.pick(familyNames);
    return person(`${given} ${family}`, `${given}.${family}`.toLowerCase(), role, state);
  };

  const rare: (() => SandboxUser)[] = [
    () => person("Michael Scott", "m.scott", "member", "ACTIVE"),
    () => ordinary("owner", "ACTIVE"),
    () => ordinary("owner", "ACTIVE"),
    () => ordinary("externally_managed_admin", "ACTIVE"),
    () => ordinary("member", "SUSPENDED"),
    () => person("Michael Scott", "michael.scott", "member", "ACTIVE"),
    ...unusualNames.map(
      ([name, local]) =>
        () =>
          person(name, local, "member", "ACTIVE"),
    ),
  ];
  const people = rare.slice(0, count).map((make) => make());
  while (people.length < count) {
    const role = random.chance(0.01) ? "externally_managed_admin" : "member";
    people.push(ordinary(role, role === "member" && random.chance(0.08) ? "SUSPENDED" : "ACTIVE"));
  }
  random.shuffle(people);
  return people;
}

/** Makes whole people of what was given of them, in the order given. Throws where two have one id. */
export function peopleFromInput(
  inputs: readonly SandboxUserInput[],
  seed: number,
  accountId: string,
): SandboxUser[] {
  const random = randomFrom(seed, "given people");
  const ids = new Set<string>();
  return inputs.map((input) => {
    const user = complete(input, accountId, random);
    if (!/^[A-Z0-9]{26}$/.test(user.id)) {
      throw new TypeError(
        `"${user.id}" is not the id of a person: it must be 26 upper-case letters and digits; leave it out to have one made.`,
      );
    }
    if (ids.has(user.id)) throw new TypeError(`"${user.id}" is the id of two people: give each their own.`);
    ids.add(user.id);
    return user;
  });
}

function complete(input: SandboxUserInput, accountId: string, random: Random): SandboxUser {
  const id = input.id ?? random.text(base32, 26);
  const joined = firstJoined + random.below((lastJoined - firstJoined) / 1000) * 1000;
  return {
    id,
    email: input.email,
    display_name: input.display_name ?? input.email.split("@", 1).join(""),
    state: input.state ?? "ACTIVE",
    create_time: input.create_time ?? new Date(joined).toISOString().replace(".000Z", "Z"),
    path: `accounts/${accountId}/users/${id}`,
    role: input.role ?? "member",
  };
}
