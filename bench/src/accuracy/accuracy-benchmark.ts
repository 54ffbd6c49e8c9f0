import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareWithLanguageService, sourceStatesOf } from '@signalbox/core/testing';
import type { Benchmark } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { laySources } from '../index/sources.ts';

/** Of each one in so many files: the language service takes its time for each symbol. */
const DEFAULTS = { repository: 10, rxjs: 5, effect: 20 };
const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
const PACKAGES = ['core', 'server', 'client', 'cli', 'runtimes', 'langgraph'].map((name) => `packages/${name}/src`);

/** How right what is read is, by TypeScript's own language service. */
export const accuracyBenchmark: Benchmark = {
  about: 'definitions and references of exported symbols, against the language service: this repository, rxjs, effect',
  minutes: 30,
  run: async (args) => {
    const every = countOptions(args, DEFAULTS);
    const ratios = { ...compare('Repository', REPOSITORY, PACKAGES, every.repository) };
    for (const name of ['rxjs', 'effect'] as const) {
      const root = laySources(name);
      try {
        Object.assign(ratios, compare(name === 'rxjs' ? 'Rxjs' : 'Effect', root, ['src'], every[name]));
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    }
    return ratios;
  },
};

function compare(name: string, root: string, below: readonly string[], every: number): Record<string, number> {
  const sources = sourceStatesOf(root, below);
  const configurations =
    name === 'Repository' ? [] : sourceStatesOf(root).filter(({ path }) => path === 'tsconfig.json');
  const states = [...configurations, ...sources];
  const wanted = new Set(
    sources.map(({ path }) => path).filter((path, n) => n % every === 0 && !/\.test\.tsx?$/.test(path)),
  );
  const { symbols, sameDefinitions, both, missed, invented } = compareWithLanguageService(root, states, (path) =>
    wanted.has(path),
  );
  console.log(
    `${name}: ${symbols} symbols of ${wanted.size} files; ${both} references that both see, ${missed.length} missed, ${invented.length} invented`,
  );
  for (const one of [
    ...missed.slice(0, 5).map((at) => `missed: ${at}`),
    ...invented.slice(0, 5).map((at) => `invented: ${at}`),
  ])
    console.log(`  ${one}`);
  return {
    [`definitions${name}`]: sameDefinitions / symbols,
    [`recall${name}`]: both / (both + missed.length),
    [`precision${name}`]: both / (both + invented.length),
  };
}
