import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A server in a process of its own; `address` is what it said over the channel. It ends when the channel breaks. */
export interface ChildServer {
  address: string;
  stop(): Promise<void>;
}

/** @param module beside this file. @param setUp is its first argument, as JSON. */
export async function startChildServer(module: string, setUp: Record<string, unknown>): Promise<ChildServer> {
  const child: ChildProcess = fork(fileURLToPath(new URL(module, import.meta.url)), [JSON.stringify(setUp)], {
    execArgv: ['--conditions=source'],
    env: withoutSettings(process.env),
  });
  const exited = once(child, 'exit');
  const ended = exited.then(() => {
    throw new Error(`${module} ended with ${child.exitCode ?? child.signalCode} before it listened.`);
  });
  const [{ address }] = (await Promise.race([once(child, 'message'), ended])) as [{ address: string }];
  ended.catch(() => undefined);
  return {
    address,
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** A benchmark does not depend on how its caller has set up a server of their own. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(SIGNALBOX_|DATABASE_|NATS_URL$)/.test(name)),
  );
}
