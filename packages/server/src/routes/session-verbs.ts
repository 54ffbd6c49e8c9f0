import type { Sessions } from '@signalbox/core';
import * as contract from '../contract/session-verbs.ts';
import type { Serve } from '../http/serve.ts';

/** What can be done with a session in the course of its life. */
export function sessionVerbRoutes(serve: Serve, sessions: Sessions): void {
  serve(contract.startSession, ({ params, version }, { projectId, actor }) =>
    sessions.start(projectId, params.id, actor, { version }),
  );
  serve(contract.pauseSession, ({ params, version }, { projectId, actor }) =>
    sessions.pause(projectId, params.id, actor, { version }),
  );
  serve(contract.resumeSession, ({ params, version }, { projectId, actor }) =>
    sessions.resume(projectId, params.id, actor, { version }),
  );
  serve(contract.stopSession, ({ params, version }, { projectId, actor }) =>
    sessions.stop(projectId, params.id, actor, { version }),
  );
  serve(contract.cancelSession, ({ params, version }, { projectId, actor }) =>
    sessions.cancel(projectId, params.id, actor, { version }),
  );
  serve(contract.restoreSession, ({ params, version }, { projectId, actor }) =>
    sessions.restore(projectId, params.id, actor, { version }),
  );
  serve(contract.completeSession, ({ params, body, version }, { projectId, actor }) =>
    sessions.complete(projectId, params.id, body, actor, { version }),
  );
  serve(contract.failSession, ({ params, body, version }, { projectId, actor }) =>
    sessions.fail(projectId, params.id, body, actor, { version }),
  );
  serve(contract.retrySession, ({ params, body, version }, { projectId, actor }) =>
    sessions.retry(projectId, params.id, body ?? {}, actor, { version }),
  );
  serve(contract.joinSession, ({ params, body }, { projectId }) => sessions.join(projectId, params.id, body));
  serve(contract.leaveSession, ({ params, body }, { projectId }) => sessions.leave(projectId, params.id, body));
  serve(contract.changeSessionStatuses, ({ body }, { projectId, actor }) =>
    sessions.bulkStatus(projectId, body.ids, body.status, actor),
  );
  serve(contract.cleanUpSessions, ({ body }, { projectId, actor }) => sessions.cleanup(projectId, body ?? {}, actor));
}
