import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface StartTimes {
  /** Milliseconds from the command to its ready line: npm, launcher and program. */
  wholeMs: number;
  /** Milliseconds the ready line itself names: the program alone. */
  programMs: number;
}

const READY = /Signalbox is ready in (\d+) ms[^\n]*\n/;
/** From here on it can be stopped without cutting anything short, the sample session of new data included. */
const SETTLED = /Open the dashboard at/;

/**
 * Runs `npm start` on a data directory until it is ready, and ends it as Ctrl-C would.
 * @throws when it installs or builds although `prepared`, ends before it is ready, or does not end with 0.
 */
export async function npmStart(
  root: string,
  dataDir: string,
  { prepared }: { prepared: boolean },
): Promise<StartTimes> {
  const begun = performance.now();
  const child = spawn('npm', ['start', '--', '--port', '0', '--data-dir', dataDir], {
    cwd: root,
    env: asFromTerminal(process.env),
    // A group of its own, which Ctrl-C reaches as a whole.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let output = '';
  let readyAt: number | null = null;
  try {
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output += chunk.toString('utf8');
        if (prepared && /Installing|Building/.test(output)) reject(new Error('The sources changed meanwhile.'));
        if (READY.test(output)) readyAt ??= performance.now();
        if (SETTLED.test(output)) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      exited.then(() => reject(new Error(`npm start ended before it was ready:\n${output}`)), reject);
    });
  } finally {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    await exited;
  }
  if (child.exitCode !== 0) throw new Error(`npm start ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
  return { wholeMs: (readyAt ?? Number.NaN) - begun, programMs: Number(READY.exec(output)?.[1]) };
}

/** Without what npm puts into the environment of its scripts, and without settings of the caller's own server. */
function asFromTerminal(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(npm_|NODE_|SIGNALBOX_|DATABASE_|NATS_URL$)/i.test(name)),
  );
}
