/** One of several ways to do the same work. */
export interface Contender {
  name: string;
  /** Works for a moment and answers the operations per second it got done. */
  round(): Promise<number>;
}

export interface SideBySideOptions {
  /** Counted rounds of each contender. */
  rounds: number;
  /** Called before each round, also before those that are not counted. */
  settle?: () => Promise<void>;
}

/** What several contenders did in the same rounds. */
export class Comparison {
  readonly #rates: ReadonlyMap<string, readonly number[]>;

  constructor(rates: ReadonlyMap<string, readonly number[]>) {
    this.#rates = rates;
  }

  /**
   * The median of the ratios of each round. A machine gets slower and faster over minutes; what ran in the same round ran
   * under about the same conditions, so that this is steadier than the ratio of the medians.
   */
  ratio(ours: string, theirs: string): number {
    const others = this.#of(theirs);
    return median(this.#of(ours).map((rate, round) => rate / (others[round] ?? Number.NaN)));
  }

  /** Operations per second in its median round. */
  median(name: string): number {
    return median(this.#of(name));
  }

  /** Aligned lines for people: median, slowest and fastest round of each. */
  table(title: string): string {
    const width = Math.max(title.length, ...[...this.#rates.keys()].map((name) => name.length));
    const line = (name: string, cells: readonly string[]) =>
      `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(11)).join('')}`;
    return [
      line(title, ['median/s', 'slowest', 'fastest']),
      ...[...this.#rates].map(([name, rates]) =>
        line(name, [median(rates), Math.min(...rates), Math.max(...rates)].map(grouped)),
      ),
    ].join('\n');
  }

  #of(name: string): readonly number[] {
    const rates = this.#rates.get(name);
    if (rates === undefined) throw new Error(`"${name}" was not among the contenders.`);
    return rates;
  }
}

/**
 * Lets the contenders work in turns, the first of each round another one, after a round that is not counted: caches are
 * warm for all, and no one always comes after the same neighbour.
 */
export async function sideBySide(contenders: readonly Contender[], options: SideBySideOptions): Promise<Comparison> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -1; round < options.rounds; round++) {
    const first = Math.max(round, 0) % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      await options.settle?.();
      const rate = await contender.round();
      if (!(rate > 0)) throw new Error(`"${contender.name}" got nothing done.`);
      if (round >= 0) rates.get(contender.name)?.push(rate);
    }
  }
  return new Comparison(rates);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const [low = Number.NaN, high = low] = sorted.slice(Math.ceil(half) - 1, Math.floor(half) + 1);
  return (low + high) / 2;
}

function grouped(rate: number): string {
  return Math.round(rate).toLocaleString('en-US');
}
