import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CaptureRepository } from '@signalbox/core';
import type { Benchmark, Ratios } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { median } from '../side-by-side.ts';

const FILES = 10_000;
const FILES_PER_DIRECTORY = 50;
const CHANGED = 10;
const ROUNDS = 7;
const COLD_ROUNDS = 3;
/** Longer ago than any file system's clock is coarse. */
const LONG_AGO = new Date('2026-01-01T00:00:00Z');

/** One way of taking a capture; `cold` forgets what it knew. */
interface Contender {
  cold(): Promise<void>;
  take(): Promise<string>;
}

/** Captures of a tree, against what git itself needs for the same tree object. */
export const captureBenchmark: Benchmark = {
  about: `a capture of ${FILES} files (cold, nothing changed, ${CHANGED} changed) against git add -A && git write-tree`,
  run: async (args): Promise<Ratios> => {
    const { files, rounds } = countOptions(args, { files: FILES, rounds: ROUNDS });
    const root = await mkdtemp(join(tmpdir(), 'signalbox-bench-capture-'));
    try {
      const work = join(root, 'work');
      const paths = await plant(work, files);
      await run('git', ['init', '-q'], work);
      const contenders = { ours: ours(root, work), git: byGit(root, work) };
      const ratios = {
        coldVsGit: await compare('cold', Math.min(rounds, COLD_ROUNDS), contenders, async (contender) =>
          contender.cold(),
        ),
        unchangedVsGit: await compare('nothing changed', rounds, contenders, async () => undefined),
        tenChangedVsGit: await compare(`${CHANGED} files changed`, rounds, contenders, (_contender, round) =>
          edit(paths, round),
        ),
      };
      return ratios;
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },
};

/** The median of git's time over ours; both see the same files, and the first of each round is another one. */
async function compare(
  what: string,
  rounds: number,
  contenders: { ours: Contender; git: Contender },
  prepare: (contender: Contender, round: number) => Promise<void>,
): Promise<number> {
  const ratios: number[] = [];
  const times = { ours: [] as number[], git: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const order = round % 2 === 0 ? (['ours', 'git'] as const) : (['git', 'ours'] as const);
    const taken = { ours: 0, git: 0 };
    const trees = { ours: '', git: '' };
    // Both are told of the same change, so that each finds as much.
    await prepare(contenders[order[0]], round);
    for (const [at, name] of order.entries()) {
      if (at > 0 && what === 'cold') await prepare(contenders[name], round);
      const start = performance.now();
      trees[name] = await contenders[name].take();
      taken[name] = performance.now() - start;
    }
    if (trees.ours !== trees.git) throw new Error(`${what}: the trees differ (${trees.ours}, ${trees.git})`);
    if (round === 0) continue;
    times.ours.push(taken.ours);
    times.git.push(taken.git);
    ratios.push(taken.git / taken.ours);
  }
  const ratio = median(ratios);
  console.log(
    `${what.padEnd(20)} ours ${median(times.ours).toFixed(0).padStart(6)} ms   git ${median(times.git).toFixed(0).padStart(6)} ms   git / ours ${ratio.toFixed(2)}`,
  );
  return ratio;
}

function ours(root: string, work: string): Contender {
  const open = (name: string) =>
    new CaptureRepository({
      workspaceId: 'bench',
      workspacePath: work,
      gitDir: join(root, `${name}.git`),
      name,
      nowNs: () => BigInt(Date.now()) * 1_000_000n,
    });
  let number = 0;
  let repository = open('captures-0');
  return {
    cold: async () => {
      number += 1;
      repository = open(`captures-${number}`);
    },
    take: async () => (await repository.capture()).treeId,
  };
}

function byGit(root: string, work: string): Contender {
  let number = 0;
  const place = () => ({
    GIT_INDEX_FILE: join(root, `index-${number}`),
    GIT_OBJECT_DIRECTORY: join(root, `objects-${number}`),
  });
  return {
    cold: async () => {
      number += 1;
      await mkdir(join(root, `objects-${number}`));
    },
    take: async () => (await run('sh', ['-c', 'git add -A && git write-tree'], work, place())).trim(),
  };
}

async function plant(work: string, files: number): Promise<string[]> {
  const paths: string[] = [];
  for (let file = 0; file < files; file += 1) {
    const part = Math.floor(file / FILES_PER_DIRECTORY);
    const directory = join(work, `area-${part % 20}`, `part-${part}`);
    if (file % FILES_PER_DIRECTORY === 0) await mkdir(directory, { recursive: true });
    const path = join(directory, `file-${file}.ts`);
    await writeFile(path, `export const value${file} = ${file};\n`.repeat(40));
    await utimes(path, LONG_AGO, LONG_AGO);
    paths.push(path);
  }
  return paths;
}

async function edit(paths: readonly string[], round: number): Promise<void> {
  const step = Math.floor(paths.length / CHANGED);
  for (let at = 0; at < CHANGED; at += 1) {
    const path = paths[(at * step + round) % paths.length] as string;
    await writeFile(path, `export const changed = ${round};\n`.repeat(40));
  }
}

async function run(program: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const settings = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  return (await promisify(execFile)(program, args, { cwd, env: { ...process.env, ...settings, ...env } })).stdout;
}
