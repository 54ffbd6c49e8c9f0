import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstBackend, type TestDatabase } from '../../testing/index.ts';
import { randomCases } from '../../testing/random-cases.ts';
import { stepsArbitrary, treeArbitrary } from './testing/arbitrary-trees.ts';
import type { TestFiles } from './testing/tree-room.ts';
import { UndoRoom } from './testing/undo-room.ts';
import type { UndoPlan } from './undo.ts';
import type { UndoOptions, UndoSelection } from './undo-selection.ts';

/** Ten thousand cases by hand take their time. */
const LONG = 7_200_000;
/** Each is a dozen looks at a real directory. */
const CASES = process.env.SIGNALBOX_CASES === undefined ? { numRuns: 12 } : randomCases();
/** A new directory after so many cases, so that no case has a history of thousands to read. */
const CASES_OF_A_ROOM = 25;

const workArbitrary = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'both', 'person'), stepsArbitrary), {
  minLength: 1,
  maxLength: 4,
});
const optionsArbitrary: fc.Arbitrary<UndoOptions> = fc.record({
  onConflict: fc.constantFrom('ask_user', 'ours', 'theirs', 'skip', 'overwrite'),
  onDependent: fc.constantFrom('conflict', 'include', 'skip'),
});

let opened: TestDatabase;
beforeAll(async () => {
  opened = await firstBackend().open();
});
afterAll(() => opened.close());

test('what a preview says of random files, changes and selections comes about, and nothing else', {
  timeout: LONG,
}, async () => {
  let room: UndoRoom | null = null;
  let sessions: Record<'a' | 'b', string> = { a: '', b: '' };
  let files: TestFiles = {};
  let cases = 0;
  const seen = { undone: 0, refused: 0, conflicts: 0, directories: 0 };
  await fc.assert(
    fc.asyncProperty(
      treeArbitrary,
      workArbitrary,
      fc.constantFrom('a', 'b', 'since', 'paths', 'named'),
      optionsArbitrary,
      fc.nat(),
      async (begin, work, kind, options, chosen) => {
        if (!room || cases++ % CASES_OF_A_ROOM === 0) {
          await room?.close();
          room = await UndoRoom.open(opened.database);
          sessions = { a: await room.session('A'), b: await room.session('B') };
          files = {};
        }
        const here = room;
        const become = async (next: TestFiles) => {
          await here.become(files, next);
          files = next;
        };
        await here.asPerson(() => become(begin));
        const after = (await here.chain.latest())?.position ?? 0;
        for (const [by, steps] of work) {
          const next = steps.reduce((now, step) => step(now), files);
          if (by === 'person') await here.asPerson(() => become(next));
          else await here.asAll(by === 'both' ? [sessions.a, sessions.b] : [sessions[by]], () => become(next));
        }
        const made = (
          await here.parts.changes.list(here.projectId, { pageSize: 100, sortBy: 'position', sortOrder: 'desc' })
        ).items;
        const mine = made.filter(({ position, attribution }) => position > after && attribution !== 'vcs');
        const ids = mine.filter((_, index) => (chosen >> index) & 1).map(({ id }) => id);
        const selections: Record<typeof kind, UndoSelection> = {
          a: { sessionIds: [sessions.a], after },
          b: { sessionIds: [sessions.b], after },
          since: { workspaceId: here.workspace.id, after },
          paths: { workspaceId: here.workspace.id, after, paths: ['a', 'lib/**'] },
          named: { changeIds: ids.length > 0 ? ids : mine.slice(0, 1).map(({ id }) => id) },
        };
        const selection = selections[kind];
        const before = await here.state();
        const preview = await here.undos.preview(here.projectId, { selection, options }).catch((error: unknown) => {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(UNDO_NOTHING_SELECTED|VALIDATION_FAILED)$/) });
          return null;
        });
        if (!preview) return;
        // A look changes nothing.
        expect(await here.state()).toEqual(before);
        for (const { path, current } of preview.paths) expect(placed(before)[path] ?? null).toBe(named(current));
        if (preview.conflicts.some(({ answer }) => answer === null)) {
          const refused = here.undo({ selection, options });
          await expect(refused).rejects.toMatchObject({ code: 'UNDO_CONFLICT' });
          expect(await here.state()).toEqual(before);
          seen.refused += 1;
          return;
        }
        const undo = await here.undo({ selection, options });
        expect(undo).toMatchObject({ status: 'completed', error: null, report: { foreign: [], restored: 0 } });
        expect(undo.plan).toMatchObject({ digest: preview.digest, targetTree: preview.targetTree });
        const then = await here.state();
        expect(placed(then)).toEqual(expectedFiles(before, preview));
        expect(directories(then)).toEqual(expectedDirectories(before, then, preview));
        files = filesOf(then);
        seen.undone += 1;
        seen.conflicts += preview.conflicts.length;
        seen.directories += preview.directories.created.length + preview.directories.removed.length;
      },
    ),
    CASES,
  );
  await (room as UndoRoom | null)?.close();
  // What was never tried was not shown.
  expect(seen.undone).toBeGreaterThan(CASES.numRuns / 4);
  if (CASES.numRuns >= 100) for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

type State = Record<string, string>;

/** Mode and git's name of the content, by path, as a plan gives them. */
function placed(state: State): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filesOf(state)).map(([path, { mode, content }]) => {
      const bytes = Buffer.from(content, 'latin1');
      const oid = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
      return [path, `${mode} ${oid}`];
    }),
  );
}

function filesOf(state: State): TestFiles {
  const files: TestFiles = {};
  for (const [path, what] of Object.entries(state)) {
    if (what === 'directory') continue;
    const link = /^link to (.*)$/s.exec(what)?.[1];
    if (link !== undefined) files[path] = { mode: '120000', content: link };
    else files[path] = { mode: `100${what.slice(0, 3)}`, content: what.slice(4) };
  }
  return files;
}

function directories(state: State): string[] {
  return Object.keys(state).filter((path) => path.endsWith('/'));
}

function named(file: UndoPlan['paths'][number]['current']): string | null {
  return file && `${file.mode} ${file.oid}`;
}

function expectedFiles(before: State, { paths }: UndoPlan): Record<string, string> {
  const files = placed(before);
  for (const { path, target } of paths) {
    const then = named(target);
    if (then === null) delete files[path];
    else files[path] = then;
  }
  return files;
}

/** Those that stood there, but for the removed ones, the created ones, and those that restored files need. */
function expectedDirectories(before: State, then: State, { directories: { created, removed } }: UndoPlan): string[] {
  const expected = new Set(directories(before));
  for (const path of removed) expected.delete(`${path}/`);
  for (const path of [...created.map((one) => `${one}/x`), ...Object.keys(filesOf(then))]) {
    const names = path.split('/').slice(0, -1);
    for (const index of names.keys()) expected.add(`${names.slice(0, index + 1).join('/')}/`);
  }
  return [...expected].sort();
}
