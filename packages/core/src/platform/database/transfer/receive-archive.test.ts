import { createReadStream, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertTestProject, pgliteBackend, type TestDatabase } from '../../../testing/index.ts';
import { systemClock } from '../../clock/clock.ts';
import { MIGRATIONS_TABLE } from '../schema/index.ts';
import { type ExportSummary, exportData, receiveArchive } from './index.ts';

const made = join(mkdtempSync(join(tmpdir(), 'sbx-made-')), 'made.archive');
let source: TestDatabase;
let summary: ExportSummary;
let home: string;

beforeAll(async () => {
  source = await pgliteBackend.open();
  await insertTestProject(source.database);
  summary = await source.database.withClient((client) =>
    exportData(client, made, { migrationsTable: MIGRATIONS_TABLE, programVersion: '0.0.0-test', clock: systemClock }),
  );
});
afterAll(() => source.close());
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'sbx-received-'));
});

describe('an archive that somebody else makes', () => {
  it('is kept byte by byte, for its owner alone, and told of as if made here', async () => {
    const file = join(home, 'kept.archive');
    const told: string[] = [];
    const received = await receiveArchive(
      file,
      async () => createReadStream(made, { highWaterMark: 700 }),
      ({ table }) => told.push(table),
    );
    expect(received).toEqual(summary);
    expect(told).toEqual(summary.tables.map(({ table }) => table));
    expect(readFileSync(file)).toEqual(readFileSync(made));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(home)).toEqual(['kept.archive']);
  });

  it('is not kept when the connection breaks, when its end is missing, or when it is something else', async () => {
    const whole = readFileSync(made);
    async function* breaking() {
      yield whole.subarray(0, 900);
      throw new Error('the wire was cut');
    }
    async function* sent(bytes: Buffer) {
      yield bytes;
    }
    const receive = (content: AsyncIterable<Uint8Array>) =>
      receiveArchive(join(home, 'x.archive'), async () => content);
    await expect(receive(breaking())).rejects.toMatchObject({
      code: 'ARCHIVE_NOT_RECEIVED',
      details: { reason: 'the wire was cut' },
    });
    await expect(receive(sent(whole.subarray(0, whole.length - 20)))).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
    });
    await expect(receive(sent(Buffer.from('<html>')))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    expect(readdirSync(home)).toEqual([]);
  });

  it('is not asked for when there is a file of that name, and the file stays as it is', async () => {
    const file = join(home, 'mine.archive');
    writeFileSync(file, 'mine');
    let asked = false;
    const refused = receiveArchive(file, async () => {
      asked = true;
      return createReadStream(made);
    });
    await expect(refused).rejects.toMatchObject({ code: 'ARCHIVE_EXISTS' });
    expect([asked, readFileSync(file, 'utf8')]).toEqual([false, 'mine']);
  });

  it('says when it cannot be written', async () => {
    const refused = receiveArchive(join(home, 'missing', 'x.archive'), async () => createReadStream(made));
    await expect(refused).rejects.toMatchObject({ code: 'ARCHIVE_NOT_WRITTEN' });
  });
});
