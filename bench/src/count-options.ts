import { parseArgs } from 'node:util';

/**
 * Reads options that are counts, as `--tasks 20000 --rounds 3`.
 * @param defaults every option there is, with its value where it is not given
 * @throws for anything else
 */
export function countOptions<D extends Readonly<Record<string, number>>>(
  args: readonly string[],
  defaults: D,
): { [K in keyof D]: number } {
  const names = Object.keys(defaults) as (keyof D & string)[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options });
  const counts: { [K in keyof D]: number } = { ...defaults };
  for (const name of names) counts[name] = countOf(values[name], defaults[name] ?? 0);
  return counts;
}

function countOf(text: unknown, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (typeof text !== 'string' || !/^[1-9]\d{0,7}$/.test(text)) throw new Error(`"${text}" is not a count.`);
  return Number(text);
}
