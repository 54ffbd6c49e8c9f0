import { join } from 'node:path';
import { type Configuration, type Runtime, systemClock, systemIds } from '@signalbox/core';
import { createRuntimes } from '@signalbox/runtimes';

/** Every runtime there is, set up as the configuration says. */
export function serverRuntimes({ dataDir, runtimes: { opencode, claudeCode } }: Configuration): Runtime[] {
  return createRuntimes({
    clock: systemClock,
    ids: systemIds,
    opencode: {
      stateDir: join(dataDir, 'opencode'),
      config: opencode.config,
      ...(opencode.program === null ? {} : { program: opencode.program }),
    },
    claudeCode: {
      stateDir: join(dataDir, 'claude-code'),
      ...(claudeCode.program === null ? {} : { program: claudeCode.program }),
    },
  });
}
