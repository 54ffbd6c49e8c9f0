import { ConflictEngine, choicesFor, drawDiff, type Ids, type Logger } from '@signalbox/core';
import * as contract from '../contract/rollback-conflicts.ts';
import type { Serve } from '../http/serve.ts';

export function rollbackConflictRoutes(serve: Serve, { ids, logger }: { ids: Ids; logger: Logger }): void {
  const engineFor = (settings: ConstructorParameters<typeof ConflictEngine>[0]['settings'] = {}) =>
    new ConflictEngine({ settings, onError: (error) => logger.warn({ err: error }, 'a conflict could not be merged') });

  serve(contract.drawRollbackConflict, async ({ body }) => {
    const { context = {}, type, masked } = body;
    // A value that was left out is absent, and no member.
    const conflict = { currentValue: undefined, rollbackValue: undefined, ...body.conflict };
    const shown = { masked, ...(type === undefined ? {} : { type }) };
    return {
      diff: drawDiff({ ids }, conflict, shown),
      choices: choicesFor(engineFor(body.settings), conflict, { context, masked }),
    };
  });
  serve(contract.resolveRollbackConflict, ({ body: { conflict, strategy, context = {}, settings } }) =>
    engineFor(settings).resolveConflict(
      { currentValue: undefined, rollbackValue: undefined, ...conflict },
      { strategy },
      context,
    ),
  );
}
