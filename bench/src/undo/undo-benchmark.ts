import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PgDatabase } from '@signalbox/core';
import { insertTestSession, startServerPostgres } from '@signalbox/core/testing';
import type { Benchmark } from '../benchmark.ts';
import { countOptions } from '../count-options.ts';
import { openCore } from '../opened-core.ts';

const run = promisify(execFile);

/** Lines of each file: the first half is for ours, the second for the neighbour's, so that all come apart cleanly. */
const LINES = 200;
/** Lines between two of one session's changes, beyond what a merge takes for one place. */
const APART = 4;

/**
 * Undo of one session's changes, each a tool call of its own, among as many of a neighbour's in the same files, so that none
 * can be put back without a merge. Ours is the whole of an undo: captured and planned twice (when it is asked for, and again
 * once nobody else writes), the plan stored on a durable server, each file on the disk before the next, captured again and
 * recorded. Against it stands `git revert` of one commit for each change in a repository with the same history: it makes as
 * many commits, and brings nothing to the disk. Both must come to the same tree.
 */
export const undoBenchmark: Benchmark = {
  about: 'undo of 1,000 interleaved changes against git revert of as many commits',
  minutes: 15,
  async run(args) {
    const { changes, files } = countOptions(args, { changes: 1_000, files: 50 });
    const root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-bench-undo-')));
    const postgres = await startServerPostgres({ durable: true });
    const database = new PgDatabase({ kind: 'server', pool: { connectionString: postgres.connectionString } });
    const { core, projectId, close } = await openCore(database);
    try {
      const work = join(root, 'work');
      await mkdir(work);
      const contents = Array.from({ length: files }, (_, file) =>
        Array.from({ length: LINES }, (_, line) => `file ${file} line ${line}`),
      );
      const write = (directory: string, file: number) =>
        writeFile(join(directory, `f${file}.txt`), `${(contents[file] as string[]).join('\n')}\n`);
      const twin = join(root, 'twin');
      await run('git', ['init', '--quiet', twin]);
      const git = (...command: string[]) =>
        run('git', ['-c', 'user.name=x', '-c', 'user.email=x', '-c', 'gc.auto=0', ...command], {
          cwd: twin,
          maxBuffer: 1 << 28,
        });
      for (let file = 0; file < files; file++) await Promise.all([write(work, file), write(twin, file)]);
      await git('add', '--all');
      await git('commit', '--quiet', '-m', 'start');

      const workspace = await core.workspaces.create(projectId, { path: work }, 'bench');
      const chain = core.captures.chain(workspace);
      await chain.step('session_start');
      const [ours, neighbour] = [
        await insertTestSession(database, projectId),
        await insertTestSession(database, projectId),
      ];
      const commits: string[] = [];
      for (let change = 0; change < changes * 2; change++) {
        const sessionId = change % 2 === 0 ? ours : neighbour;
        const file = (change >> 1) % files;
        const round = Math.floor((change >> 1) / files);
        const line = ((round * APART) % (LINES / 2)) + (change % 2) * (LINES / 2);
        (contents[file] as string[])[line] = `changed by ${change}`;
        const callId = `call-${change}`;
        await chain.openWindow({ sessionId, callId, tool: 'edit', actor: 'bench', attempt: 1 }, null);
        await Promise.all([write(work, file), write(twin, file)]);
        await chain.closeWindow(sessionId, callId);
        await git('commit', '--quiet', '-am', `change ${change}`);
        if (change % 2 === 0) commits.push((await git('rev-parse', 'HEAD')).stdout.trim());
      }

      const began = performance.now();
      const { id } = await core.undos.create(
        projectId,
        { selection: { workspaceId: workspace.id, sessionIds: [ours] } },
        'bench',
      );
      const undo = await core.undos.finished(projectId, id);
      const oursMs = performance.now() - began;
      if (undo.status !== 'completed') throw new Error(`the undo is ${undo.status}: ${undo.error?.message}`);
      const gitBegan = performance.now();
      await git('revert', '--no-edit', ...commits.reverse());
      const gitMs = performance.now() - gitBegan;
      const { stdout } = await git('rev-parse', 'HEAD^{tree}');
      if (stdout.trim() !== undo.plan?.targetTree) throw new Error('the two did not come to the same tree');
      const line = (name: string, ms: number) => `  ${name.padEnd(34)} ${(ms / 1000).toFixed(2).padStart(8)} s`;
      process.stdout.write(`undo of ${changes} changes in ${files} files, among as many of a neighbour's\n`);
      process.stdout.write(`${line('undo, whole', oursMs)}\n${line('git revert, one commit for each', gitMs)}\n`);
      return { undoVsGitRevert: gitMs / oursMs };
    } finally {
      await close();
      await postgres.stop();
      await rm(root, { recursive: true, force: true });
    }
  },
};
