import type { Ratios } from './benchmark.ts';
import { BENCHMARKS } from './benchmarks.ts';

/** `npm run bench -- <name>`: the last line on standard output is JSON. Without a name it lists what there is. */
const LIMIT_MINUTES = 10;

const name = process.argv[2];
const load = name === undefined ? undefined : BENCHMARKS[name];
if (name === undefined) {
  for (const [known, open] of Object.entries(BENCHMARKS)) console.log(`${known.padEnd(16)}${(await open()).about}`);
} else if (load === undefined) {
  console.error(`There is no benchmark "${name}"; there are: ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exitCode = 2;
} else {
  const benchmark = await load();
  const minutes = benchmark.minutes ?? LIMIT_MINUTES;
  setTimeout(() => {
    console.error(`The benchmark did not end within ${minutes} minutes.`);
    process.exit(1);
  }, minutes * 60_000).unref();
  console.log(`${name}: ${benchmark.about}`);
  const ratios = await benchmark.run(process.argv.slice(3));
  console.log(JSON.stringify({ bench: name, ratios: rounded(ratios) }));
}

function rounded(ratios: Ratios): Ratios {
  return Object.fromEntries(Object.entries(ratios).map(([what, ratio]) => [what, Number(ratio.toPrecision(3))]));
}
