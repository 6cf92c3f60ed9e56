/** Who can be compared here, and who is missing. */
export interface Company<T> {
  readonly present: readonly T[];
  /** Everybody's version, in one sentence; a variant has that of what it varies. */
  readonly versions: string;
  /** Who is missing, for the notes of a report. */
  readonly notes: readonly string[];
}

/** Something with a name and perhaps a version. */
interface Named {
  readonly name: string;
  version(): Promise<string | undefined>;
}

/** Asks everybody for the version and parts those that are installed from those that are not. */
export async function inCompany<T extends Named>(all: readonly T[]): Promise<Company<T>> {
  const versions = await Promise.all(all.map((each) => each.version()));
  const present = all.filter((_, at) => versions[at] !== undefined);
  const said = all.flatMap(({ name }, at) =>
    versions[at] === undefined || isVariant(name, all) ? [] : `${name} ${versions[at]}`,
  );
  const missing = all.filter((_, at) => versions[at] === undefined).map(({ name }) => name);
  return {
    present,
    versions: `Versions: ${said.join('; ')}.`,
    notes: missing.length === 0 ? [] : [`Not installed here and left out: ${missing.join(', ')}.`],
  };
}

/** `aria2, running already` is a variant of `aria2`. */
function isVariant(name: string, all: readonly Named[]): boolean {
  return all.some((other) => name.startsWith(`${other.name}, `));
}

/**
 * Those of all whose names begin as one of those that were asked for.
 * @param asked names with commas between, or undefined for all
 * @throws Error when a name is nobody's
 */
export function pickContenders<T extends { readonly name: string }>(all: readonly T[], asked: unknown): readonly T[] {
  if (typeof asked !== 'string') return all;
  const names = asked.split(',');
  const unknown = names.find((name) => !all.some((each) => each.name.startsWith(name)));
  if (unknown !== undefined)
    throw new Error(`no contender is called ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`);
  return all.filter((each) => names.some((name) => each.name.startsWith(name)));
}
