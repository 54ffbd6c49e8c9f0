import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { git } from './git.ts';
import { GitShells } from './git-shells.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const ENV = { PATH: process.env.PATH ?? '', KEPT: 'as it is' };
const shells = new GitShells();
const run = (words: readonly string[], more: { env?: Record<string, string>; input?: Uint8Array; cwd?: string } = {}) =>
  shells.run({ words, cwd: more.cwd ?? '/', env: more.env ?? ENV, input: more.input }, ENV);

test('words, directories, variables and input arrive as they are, whatever is in them', async () => {
  const word = fc
    .string({ unit: 'binary', maxLength: 12 })
    .filter((text) => !text.includes('\0') && text.isWellFormed());
  const nasty = fc.oneof(word, fc.constantFrom("it's", '$HOME `id` "x" \\', 'a\nb\n', '\n', '', '~', '*', '-n', '%s'));
  await fc.assert(
    fc.asyncProperty(
      fc.array(nasty, { maxLength: 4 }),
      nasty,
      fc.uint8Array({ maxLength: 40 }),
      async (words, value, input) => {
        const env = { ...ENV, VALUE: value };
        const said = await run(['sh', '-c', 'cat; printf "%s\\0" "$VALUE" "$KEPT" "$@"', 'sh', ...words], {
          env,
          input,
        });
        const text = [value, 'as it is', ...words].map((each) => `${each}\0`).join('');
        expect(said.stdout).toEqual(Buffer.concat([input, Buffer.from(text)]));
      },
    ),
    { numRuns: 40 },
  );
});

test('exit codes and what is said of failures are told, and no input is an empty one', async () => {
  expect(await run(['sh', '-c', 'cat; echo bad >&2; exit 7'])).toEqual({
    exitCode: 7,
    stdout: Buffer.alloc(0),
    stderr: 'bad\n',
  });
  expect((await run(['true'], { cwd: '/not/there' })).exitCode).not.toBe(0);
  await expect(git(['cat-file', 'blob', 'nonsense'], { cwd: HERE })).rejects.toThrow(
    'Not a valid object name nonsense',
  );
});

test('a variable that is gone is gone for the next command too', async () => {
  const told = async (base: Record<string, string>) =>
    (await shells.run({ words: ['sh', '-c', 'echo "[$KEPT]"'], cwd: '/', env: base, input: undefined }, base)).stdout;
  expect(String(await told(ENV))).toBe('[as it is]\n');
  expect(String(await told({ PATH: ENV.PATH }))).toBe('[]\n');
  expect(String(await told(ENV))).toBe('[as it is]\n');
});

test('more commands than shells all get their own answers', async () => {
  const said = await Promise.all(Array.from({ length: 30 }, (_, n) => run(['sh', '-c', `echo ${n}; exit ${n}`])));
  expect(said.map(({ exitCode, stdout }) => [exitCode, String(stdout)])).toEqual(
    Array.from({ length: 30 }, (_, n) => [n, `${n}\n`]),
  );
});

test('a shell that is killed fails its command only', async () => {
  await expect(run(['sh', '-c', 'kill -9 $PPID'])).rejects.toThrow('has ended');
  expect((await run(['echo', 'on'])).stdout.toString()).toBe('on\n');
});

test('idle shells keep nobody alive, and take their files with them', async () => {
  const program = `
    import { GitShells } from ${JSON.stringify(`${HERE}/git-shells.ts`)};
    const env = { PATH: process.env.PATH };
    const { stdout } = await new GitShells().run({ words: ['sh', '-c', 'ls -d "$(dirname "$(readlink /proc/self/fd/2)")"; echo $PPID'], cwd: '/', env, input: undefined }, env);
    process.stdout.write(stdout);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  const [directory, shell] = stdout.trim().split('\n') as [string, string];
  expect(directory).toMatch(/signalbox-shell-/);
  await expect.poll(() => existsSync(directory)).toBe(false);
  await expect.poll(() => existsSync(`/proc/${shell}`)).toBe(false);
});
