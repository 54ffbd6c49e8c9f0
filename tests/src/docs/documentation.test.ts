import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PROGRAM } from '@signalbox/cli/testing';
import { loadConfiguration } from '@signalbox/core';
import { layPreparedData } from '@signalbox/core/testing';
import { createServer, type SignalboxServer } from '@signalbox/server';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const run = promisify(execFile);
const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
/** As a reader's shell has to write it. */
const CLI = PROGRAM.map((word) => JSON.stringify(word)).join(' ');
const ADDRESS = 'http://127.0.0.1:4780';
/** Started by tests of their own: they install, build and run for minutes. */
const ELSEWHERE = new Set(['npm start', 'npm test']);

const pages = [
  'README.md',
  ...(await readdir(join(REPOSITORY, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
];

/** Commands of a page: each line of its `sh` blocks. */
function commands(page: string): string[] {
  const text = readFileSync(join(REPOSITORY, page), 'utf8');
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap((block) =>
    (block[1] ?? '').split('\n').filter((line) => line.trim() !== ''),
  );
}

describe('the documentation', () => {
  let root: string;
  let work: string;
  let server: SignalboxServer;
  let address: string;

  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-docs-')));
    // Temporary directories are closed to others, and PostgreSQL runs as another user when we are root.
    await chmod(root, 0o755);
    work = join(root, 'repository');
    await cp(join(REPOSITORY, 'examples'), work, { recursive: true });
    await run('git', ['init', '-q'], { cwd: work });
    await layPreparedData(join(root, 'data'));
    const environment = { SIGNALBOX_DATA_DIR: join(root, 'data'), SIGNALBOX_PORT: '0' };
    server = createServer({
      configuration: loadConfiguration({ cwd: work, environment }),
      logger: pino({ level: 'silent' }),
    });
    ({ address } = await server.start());
    await server.ready;
  }, 120_000);
  afterAll(async () => {
    await server.stop('stop');
    await rm(root, { recursive: true, force: true });
  });

  /** Runs a documented command as a reader's shell would, against this test's own server and data. */
  async function execute(command: string): Promise<string> {
    const line = command.replaceAll('npx signalbox', CLI).replaceAll(ADDRESS, address);
    const { stdout } = await run('sh', ['-c', line], {
      cwd: work,
      timeout: 60_000,
      env: {
        ...process.env,
        SIGNALBOX_URL: address,
        SIGNALBOX_DATA_DIR: join(root, 'data'),
        XDG_STATE_HOME: join(root, 'state'),
        NO_COLOR: '1',
      },
    });
    return stdout;
  }

  test.each(pages)('every command of %s works', { timeout: 240_000 }, async (page) => {
    for (const command of commands(page)) {
      if (ELSEWHERE.has(command)) continue;
      const output = await execute(command);
      expect(output, command).not.toMatch(/"status":\s*[45]\d\d/);
    }
  });

  test('the pages that are linked are there', async () => {
    for (const page of [...pages, 'ARCHITECTURE.md', 'CONTRIBUTING.md']) {
      const text = await readFile(join(REPOSITORY, page), 'utf8');
      for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
        expect(existsSync(join(REPOSITORY, dirname(page), target ?? '')), `${page} → ${target}`).toBe(true);
      }
    }
  });

  test('the scripts that are named exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    for (const page of [...pages, 'CONTRIBUTING.md', 'ARCHITECTURE.md']) {
      const text = readFileSync(join(REPOSITORY, page), 'utf8');
      for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g))
        expect(Object.keys(scripts), page).toContain(script);
    }
  });
});
