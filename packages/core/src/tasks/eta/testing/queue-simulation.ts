/** Numbers in [0, 1) that come again with the same seed. For tests. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A duration with the given mean and standard deviation: two normal deviates, made log-normal. */
export function randomDuration(random: () => number, mean: number, deviation: number): number {
  const spread2 = Math.log1p((deviation / mean) ** 2);
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(Math.log(mean) - spread2 / 2 + Math.sqrt(spread2) * normal);
}

/** When each of several tasks starts and ends that are taken in order by agents that do one at a time. */
export function simulateQueue(durations: readonly number[], agents: number): { start: number; end: number }[] {
  const free = Array.from({ length: agents }, () => 0);
  return durations.map((duration) => {
    const place = free.indexOf(Math.min(...free));
    const start = free[place] as number;
    free[place] = start + duration;
    return { start, end: start + duration };
  });
}
