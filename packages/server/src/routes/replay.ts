import type { Core } from '@signalbox/core';
import { SignalboxError } from '@signalbox/core';
import * as contract from '../contract/replay.ts';
import type { Serve } from '../http/serve.ts';
import { numberedPage, wholePage } from './numbered-page.ts';

type ReplayParts = Pick<Core, 'sessions' | 'sessionFiles' | 'states' | 'recordings'>;

/** States of sessions, recordings, and what checkpoints leave. Playing is a route of its own: it answers as it goes. */
export function replayRoutes(serve: Serve, { sessions, sessionFiles, states, recordings }: ReplayParts): void {
  serve(contract.getSessionState, async ({ params, query }, { projectId }) => {
    const state = await states.at(projectId, params.id, query.seq ?? null);
    const checkpoint = await sessions.currentCheckpoint(projectId, params.id, state.seq);
    const { id, sequence, journalSeq } = checkpoint ?? {};
    return { ...state, currentCheckpoint: checkpoint && { id, sequence, journalSeq } };
  });
  serve(contract.getSessionFiles, ({ params, query }, { projectId }) =>
    sessionFiles.at(projectId, params.id, query.seq ?? null),
  );
  serve(contract.readSessionFile, ({ params, query }, { projectId }) =>
    sessionFiles.content(projectId, params.id, query.seq ?? null, query.path),
  );
  serve(contract.startRecording, ({ params, body }, { projectId, actor }) =>
    recordings.start(projectId, params.id, body, actor),
  );
  serve(contract.makeRecording, ({ params, body }, { projectId, actor }) =>
    recordings.make(projectId, params.id, body, actor),
  );
  serve(contract.listRecordings, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => recordings.list(projectId, { ...query, page, pageSize })),
  );
  serve(contract.recordingStatistics, (_given, { projectId }) => recordings.statistics(projectId));
  serve(contract.getRecording, ({ params }, { projectId }) => recordings.get(projectId, params.id));
  serve(contract.readFrames, ({ params, query }, { projectId }) => {
    const { after, limit, ...filter } = query;
    return recordings.frames(projectId, params.id, filter, { after, ...(limit === undefined ? {} : { limit }) });
  });
  serve(contract.recordingState, ({ params, query }, { projectId }) =>
    recordings.stateAt(projectId, params.id, query.seq),
  );
  serve(contract.compareRecordings, async ({ params, query }, { projectId }) => {
    const { recordingId, sessionId } = query;
    if ((recordingId === undefined) === (sessionId === undefined)) {
      const reason = 'give recordingId or sessionId: what the recording is compared with';
      throw new SignalboxError('VALIDATION_FAILED', { reason });
    }
    const difference = await recordings.compare(projectId, params.id, { recordingId, sessionId });
    return { equal: difference === null, left: null, right: null, fields: [], ...difference };
  });
  serve(contract.stopRecording, ({ params }, { projectId, actor }) => recordings.stop(projectId, params.id, actor));
  serve(contract.restoreRecording, async ({ params, body }, { projectId, actor }) => {
    const contents = await recordings.contents(projectId, params.id);
    const fields = { initialPrompt: `Restored from the recording "${contents.title}".` };
    return sessions.restoreRecording(projectId, { ...contents, fields }, body, actor);
  });
  serve(contract.validateRecording, ({ params }, { projectId }) => recordings.validate(projectId, params.id));
  serve(contract.deleteRecording, ({ params, query }, { projectId, actor }) =>
    recordings.delete(projectId, params.id, query, actor),
  );
  serve(contract.exportRecording, ({ params }, { projectId }) => recordings.export(projectId, params.id));
  serve(contract.importRecording, ({ body }, { projectId, actor }) => recordings.import(projectId, body, actor));
  serve(contract.listAnchors, async ({ query }, { projectId }) =>
    wholePage(await sessions.anchors(projectId, query.entityId)),
  );
  serve(contract.checkpointStatistics, (_given, { projectId }) => sessions.checkpointStatistics(projectId));
  serve(contract.listFailureSnapshots, ({ query }, { projectId }) =>
    numberedPage(query, (page, pageSize) => sessions.failureSnapshots(projectId, { ...query, page, pageSize })),
  );
  serve(contract.getFailureSnapshot, ({ params }, { projectId }) => sessions.failureSnapshot(projectId, params.id));
}
