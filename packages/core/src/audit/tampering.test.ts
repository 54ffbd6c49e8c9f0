import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../platform/clock/clock.ts';
import { firstBackend, insertTestProject, randomCases, type TestDatabase } from '../testing/index.ts';
import {
  AuditSealer,
  recordAudit,
  type SealHead,
  type SealKey,
  sealedExport,
  verifyAudit,
  verifySealedExport,
} from './index.ts';
import { makeLeaf, makeSeal, rootOf, rowDigest, type Seal } from './seal.ts';
import { placedRows, sealsAfter } from './seal-store.ts';

const ROWS = 24;
const PER_SEAL = 6;
const SEALS = ROWS / PER_SEAL;
const TABLES = ['audit_events', 'audit_positions', 'audit_seals', 'audit_inbox'];
/** A change of each field, by somebody who may write anything in the database. */
const FIELDS = {
  actor: `'mallory'`,
  actor_role: `'viewer'`,
  action: `'session.forge'`,
  subject_type: `'task'`,
  subject_id: `subject_id || 'x'`,
  version_after: 'coalesce(version_after, 0) + 1',
  changes: `changes || '{"x": 1}'`,
  details: `'{"forged": true}'`,
  trace_id: `'t'`,
  at: `at + interval '1 microsecond'`,
  id: 'gen_random_uuid()',
};

const numberOfRuns = process.env.SIGNALBOX_CASES === undefined ? { numRuns: 60 } : randomCases();

const key: SealKey = { id: 'k1', secret: randomBytes(32) };
/** Somebody else's, under the same name. */
const forger: SealKey = { id: 'k1', secret: randomBytes(32) };
const heads: SealHead[] = [];
/** Ids by position, from 1. */
const ids = [''];
let db: TestDatabase;
let projectId: string;

beforeAll(async () => {
  db = await firstBackend().open();
  projectId = await insertTestProject(db.database);
  const keepHead = (head: SealHead) => void heads.push(head);
  const onError = (error: unknown) => {
    throw error;
  };
  const sealer = new AuditSealer({ database: db.database, clock: systemClock, key, keepHead, onError });
  await sealer.sealAll();
  heads.length = 0;
  await changed('DELETE FROM audit_seals', 'DELETE FROM audit_positions', 'DELETE FROM audit_events');
  for (let n = 1; n <= ROWS; n += 1) {
    const entry = { actor: 'ada', action: 'session.update', subjectType: 'session', subjectId: `s${n}` };
    await db.database.transaction((tx) => recordAudit(tx, projectId, entry));
    if (n % PER_SEAL === 0) await sealer.sealAll();
  }
  const placed = await placedRows(db.database, projectId, 1, ROWS);
  ids.push(...placed.map(({ id }) => id));
  await changed(...TABLES.map((table) => `CREATE TABLE kept_${table} AS SELECT * FROM ${table}`));
});
afterAll(() => db.close());

/** Goes around the triggers, as the owner of the database can. */
function changed(...statements: string[]): Promise<void> {
  return db.database.transaction(async (tx) => {
    await tx.query({ name: '', text: 'SET LOCAL session_replication_role = replica' });
    for (const text of statements) await tx.query({ name: '', text });
  });
}

const restored = () =>
  changed(...TABLES.flatMap((table) => [`DELETE FROM ${table}`, `INSERT INTO ${table} SELECT * FROM kept_${table}`]));
const sealOf = (position: number) => Math.ceil(position / PER_SEAL);
const hex = (bytes: Buffer | null) => (bytes === null ? 'NULL' : `'\\x${bytes.toString('hex')}'`);

/** Where a tampering must be found: one problem at each place. */
interface Found {
  position?: number;
  eventId?: string;
  seal?: number;
  kinds: string[];
}
type Tampering = { kind: string; position: number; other: number; field: keyof typeof FIELDS };

const position = fc.integer({ min: 1, max: ROWS });
const tampering: fc.Arbitrary<Tampering> = fc.record({
  kind: fc.constantFrom('update', 'digest', 'delete', 'insert', 'slip in', 'reorder', 'truncate', 'recompute', 'seal'),
  position,
  other: position,
  field: fc.constantFrom(...(Object.keys(FIELDS) as (keyof typeof FIELDS)[])),
});

/** Does it; answers where it must be found. */
async function tamper({ kind, position: at, other, field }: Tampering): Promise<Found[]> {
  const id = ids[at] ?? '';
  const update = `UPDATE audit_events SET ${field} = ${FIELDS[field]} WHERE id = '${id}'`;
  const moved = field === 'at' || field === 'id';
  const there = [{ position: at, eventId: id, seal: sealOf(at), kinds: moved ? ['removed'] : ['altered'] }];
  switch (kind) {
    case 'digest': {
      // The row, and what the chain keeps of it, as far as that can be made without the key.
      await changed(`UPDATE audit_events SET actor = 'mallory' WHERE id = '${id}'`);
      const [placed] = await placedRows(db.database, projectId, at, at);
      if (!placed?.row) throw new Error('no row');
      const leaf = makeLeaf(forger, projectId, placed, rowDigest(placed.row));
      await changed(`UPDATE audit_positions SET leaf = ${hex(leaf)} WHERE id = '${id}'`);
      return [{ position: at, eventId: id, seal: sealOf(at), kinds: ['altered'] }];
    }
    case 'delete': {
      const [row, place] = [
        `DELETE FROM audit_events WHERE id = '${id}'`,
        `DELETE FROM audit_positions WHERE id = '${id}'`,
      ];
      await changed(...([[row], [place], [row, place]][other % 3] as string[]));
      return [{ position: at, seal: sealOf(at), kinds: ['removed'] }];
    }
    case 'insert':
    case 'slip in': {
      const made = crypto.randomUUID();
      await changed(
        `INSERT INTO audit_events (id, project_id, at, actor, action, subject_type, subject_id)
         SELECT '${made}', project_id, at, 'm', 'a.b', 's', 's' FROM audit_events WHERE id = '${id}'`,
        `INSERT INTO audit_positions (project_id, position, at, id, leaf)
         SELECT project_id, ${ROWS + other}, at, id, 'x' FROM audit_events WHERE id = '${made}' AND ${kind === 'slip in'}`,
      );
      return [{ eventId: made, kinds: ['inserted'] }];
    }
    case 'reorder': {
      const to = other === at ? (at % ROWS) + 1 : other;
      await changed(
        `UPDATE audit_positions SET position = -position WHERE position IN (${at}, ${to})`,
        `UPDATE audit_positions SET position = ${at + to} + position WHERE position < 0`,
      );
      const kinds = sealOf(at) === sealOf(to) ? ['reordered'] : ['reordered', 'altered'];
      return [at, to].map((place) => ({ position: place, seal: sealOf(place), kinds }));
    }
    case 'truncate': {
      const from = sealOf(at);
      await changed(
        `DELETE FROM audit_seals WHERE number >= ${from}`,
        `DELETE FROM audit_events USING audit_positions p WHERE p.id = audit_events.id AND p.position > ${(from - 1) * PER_SEAL}`,
        `DELETE FROM audit_positions WHERE position > ${(from - 1) * PER_SEAL}`,
      );
      const gone = Array.from({ length: SEALS - from + 1 }, (_, index) => from + index);
      return gone.map((seal) => ({ seal, position: seal * PER_SEAL, kinds: ['seal_missing'] }));
    }
    case 'recompute': {
      await changed(`UPDATE audit_events SET actor = 'mallory' WHERE id = '${id}'`);
      await recompute(sealOf(at), at);
      return [
        { position: at, eventId: id, kinds: ['altered'] },
        { seal: sealOf(at), kinds: ['seal_broken'] },
      ];
    }
    case 'seal': {
      await changed(`DELETE FROM audit_seals WHERE number = ${sealOf(at)}`);
      return sealOf(at) === SEALS
        ? [{ seal: SEALS, kinds: ['seal_missing'] }]
        : [{ seal: sealOf(at) + 1, kinds: ['seal_missing'] }];
    }
    default:
      await changed(update);
      return there;
  }
}

/** Seals anew from `first` on, all of it consistently, by somebody who lacks the key. */
async function recompute(first: number, at: number): Promise<void> {
  let previous: Seal | null = null;
  for (const seal of await sealsAfter(db.database, projectId, 0, SEALS)) {
    if (seal.number < first) {
      previous = seal;
      continue;
    }
    const last = seal.firstPosition + seal.count - 1;
    const rows = await placedRows(db.database, projectId, seal.firstPosition, last);
    const places = rows.map((placed) =>
      placed.position === at && placed.row
        ? { ...placed, leaf: makeLeaf(forger, projectId, placed, rowDigest(placed.row)) }
        : placed,
    );
    const made = makeSeal(forger, { ...seal, merkleRoot: rootOf(places), previousSeal: previous?.seal ?? null });
    await changed(
      ...places.map(({ id, leaf }) => `UPDATE audit_positions SET leaf = ${hex(leaf)} WHERE id = '${id}'`),
      `UPDATE audit_seals SET merkle_root = ${hex(made.merkleRoot)}, previous_seal = ${hex(made.previousSeal)},
         seal = ${hex(made.seal)} WHERE number = ${made.number}`,
    );
    previous = made;
  }
}

test('whatever is altered, removed, inserted, reordered, cut off or sealed anew is found, and where it was done', async () => {
  expect(await verifyAudit(db.database, projectId, [key], heads)).toMatchObject({ ok: true, sealed: ROWS });
  await fc.assert(
    fc.asyncProperty(tampering, async (what) => {
      try {
        const due = await tamper(what);
        const { ok, problems } = await verifyAudit(db.database, projectId, [key], heads);
        expect(ok).toBe(false);
        for (const { kinds, ...place } of due) {
          const there = problems.filter((problem) => kinds.includes(problem.kind));
          expect(there).toContainEqual(expect.objectContaining(place));
        }
      } finally {
        await restored();
      }
    }),
    numberOfRuns,
  );
  expect(await verifyAudit(db.database, projectId, [key], heads)).toMatchObject({ ok: true, sealed: ROWS });
}, 600_000);

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

test('what is exported as sealed is verified without its database, and whatever is done to it is found', async () => {
  const exported: string[] = [];
  for await (const text of sealedExport(db.database, projectId)) exported.push(...text.split('\n').slice(0, -1));
  expect(exported).toHaveLength(1 + SEALS + ROWS);
  expect(await verifySealedExport(each(exported), [key], heads)).toEqual(
    await verifyAudit(db.database, projectId, [key], heads),
  );
  const event = (at: number) => exported.findIndex((line) => line.includes(`"position":${at},`));
  const what = fc.record({
    kind: fc.constantFrom('alter', 'alter all', 'remove', 'empty', 'insert', 'swap', 'truncate', 'seal'),
    at: position,
    other: position,
  });
  const done = (kind: string, at: number, other: number): { lines: string[]; found: object } => {
    const line = exported[event(at)] ?? '';
    const read = JSON.parse(line) as { leaf: string; row: Parameters<typeof rowDigest>[0]; position: number };
    const here = { position: at, seal: sealOf(at) };
    const put = (written: object) => exported.with(event(at), JSON.stringify(written));
    const forged = { ...read, row: { ...read.row, actor: 'mallory' } };
    switch (kind) {
      case 'alter':
        return { lines: put(forged), found: { kind: 'altered', ...here } };
      case 'alter all': {
        const leaf = makeLeaf(
          forger,
          projectId,
          { ...read, id: ids[at] ?? '', at: read.row.at },
          rowDigest(forged.row),
        );
        return { lines: put({ ...forged, leaf: leaf.toString('hex') }), found: { kind: 'altered', ...here } };
      }
      case 'remove':
        return { lines: exported.toSpliced(event(at), 1), found: { kind: 'removed', ...here } };
      case 'empty':
        return { lines: put({ ...read, row: null }), found: { kind: 'removed', ...here } };
      case 'insert': {
        const made = { ...read, position: other % 2 ? ROWS + other : at, id: 'made' };
        return { lines: [...exported, JSON.stringify(made)], found: { kind: 'inserted', eventId: 'made' } };
      }
      case 'swap': {
        const to = other === at ? (at % ROWS) + 1 : other;
        const second = JSON.parse(exported[event(to)] ?? '') as typeof read;
        const lines = put({ ...second, position: at }).with(event(to), JSON.stringify({ ...read, position: to }));
        const there = sealOf(at) === sealOf(to) ? { kind: 'reordered' } : {};
        return { lines, found: { ...there, position: to, seal: sealOf(to) } };
      }
      case 'truncate': {
        const from = exported.findIndex((one) => one.includes(`"number":${sealOf(at)},`));
        return { lines: exported.slice(0, from), found: { kind: 'seal_missing', seal: SEALS } };
      }
      default: {
        const number = sealOf(at);
        const lines = exported.filter((one) => !one.includes(`"number":${number},`));
        return { lines, found: { kind: 'seal_missing', seal: number === SEALS ? SEALS : number + 1 } };
      }
    }
  };
  await fc.assert(
    fc.asyncProperty(what, async ({ kind, at, other }) => {
      const { lines, found } = done(kind, at, other);
      const { ok, problems } = await verifySealedExport(each(lines), [key], heads);
      expect([ok, problems]).toEqual([false, expect.arrayContaining([expect.objectContaining(found)])]);
    }),
    numberOfRuns,
  );
  await expect(verifySealedExport(each(['{"kind":"event"}']), [key])).rejects.toMatchObject({
    code: 'AUDIT_EXPORT_UNREADABLE',
  });
});
