import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ANSWERS = 3_000;

it('whoever tells a test that does not read waits, and every answer arrives whole', async () => {
  const tell = fileURLToPath(new URL('./tell.ts', import.meta.url));
  const script = `import { tell } from ${JSON.stringify(tell)};
    process.stdout.writable; // As in a process that has used its standard output: the pipe does not block.
    for (let n = 0; n < ${ANSWERS}; n++) tell({ n, text: 'x'.repeat(1000) });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // Far more than a pipe holds is told meanwhile.
  await sleep(1_000);
  const heard: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line) as { n: number; text: string };
    expect(answer.text).toHaveLength(1000);
    heard.push(answer.n);
  }
  expect(await ended).toBe(0);
  expect(heard).toEqual(Array.from({ length: ANSWERS }, (_, n) => n));
});
