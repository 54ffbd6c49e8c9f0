import { streamedAnswer } from '../transport/streamed-answer.ts';
import { answerOf, type CallOptions, type CreateOptions, succeeded, type Transport } from '../transport/transport.ts';
import type {
  ExportedRecording,
  FileContent,
  Frame,
  FramePage,
  ImportRecording,
  JournalEvent,
  MakeRecording,
  Page,
  Recording,
  RecordingDifference,
  RecordingStatistics,
  RestoreSession,
  Session,
  SessionFiles,
  SessionState,
  StartRecording,
} from '../types.ts';

/** Which frames of a recording; bounds are inclusive. */
export interface FrameQuery {
  fromSeq?: number | undefined;
  toSeq?: number | undefined;
  types?: JournalEvent['type'][] | undefined;
  actors?: string[] | undefined;
  includeSnapshots?: boolean | undefined;
}

export interface PlayOptions extends FrameQuery, CallOptions {
  /** How many times as fast as it happened; `Infinity` for no waits. Default 1. */
  speed?: number | undefined;
  /** Longest silence between two frames, in milliseconds as they are played. */
  longestGapMs?: number | undefined;
}

/** Recordings of sessions, and the state of a session at any of its events. */
export function recordingMethods(transport: Transport) {
  const { http, creating } = transport;
  return {
    /** The state of a session after an event; the latest without `seq`. */
    stateOf: (sessionId: string, seq?: number, options: CallOptions = {}): Promise<SessionState> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/state', { params: { path: { id: sessionId }, query: { seq } }, ...options }),
      ),
    /** The files of a session's workspace at an event; at the latest without `seq`. */
    filesOf: (sessionId: string, seq?: number, options: CallOptions = {}): Promise<SessionFiles> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/files', { params: { path: { id: sessionId }, query: { seq } }, ...options }),
      ),
    /** One of them. */
    fileOf: (sessionId: string, path: string, seq?: number, options: CallOptions = {}): Promise<FileContent> =>
      answerOf(
        http.GET('/api/v1/sessions/{id}/files/content', {
          params: { path: { id: sessionId }, query: { path, seq } },
          ...options,
        }),
      ),
    start: (sessionId: string, recording: StartRecording = {}, options?: CreateOptions): Promise<Recording> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/recordings', {
          params: { path: { id: sessionId } },
          body: recording,
          ...creating(options),
        }),
      ),
    /** A recording of what has happened already. */
    make: (sessionId: string, recording: MakeRecording = {}, options?: CreateOptions): Promise<Recording> =>
      answerOf(
        http.POST('/api/v1/sessions/{id}/recordings/from-journal', {
          params: { path: { id: sessionId } },
          body: recording,
          ...creating(options),
        }),
      ),
    stop: (id: string, options: CallOptions = {}): Promise<Recording> =>
      answerOf(http.POST('/api/v1/recordings/{id}/stop', { params: { path: { id } }, ...options })),
    validate: (id: string, options: CallOptions = {}): Promise<Recording> =>
      answerOf(http.POST('/api/v1/recordings/{id}/validate', { params: { path: { id } }, ...options })),
    list: (
      query: { sessionId?: string; status?: Recording['status']; page?: number; pageSize?: number } = {},
      options: CallOptions = {},
    ): Promise<Page<Recording>> => answerOf(http.GET('/api/v1/recordings', { params: { query }, ...options })),
    statistics: (options: CallOptions = {}): Promise<RecordingStatistics> =>
      answerOf(http.GET('/api/v1/recordings/statistics', { ...options })),
    get: (id: string, options: CallOptions = {}): Promise<Recording> =>
      answerOf(http.GET('/api/v1/recordings/{id}', { params: { path: { id } }, ...options })),
    frames: (
      id: string,
      query: FrameQuery & { after?: string | undefined; limit?: number | undefined } = {},
      options: CallOptions = {},
    ): Promise<FramePage> =>
      answerOf(
        http.GET('/api/v1/recordings/{id}/frames', { params: { path: { id }, query: wired(query) }, ...options }),
      ),
    /** The state after one of the events of a recording. */
    stateAt: (id: string, seq: number, options: CallOptions = {}): Promise<SessionState> =>
      answerOf(
        http.GET('/api/v1/recordings/{id}/state', { params: { path: { id }, query: { seq } }, ...options }),
      ) as Promise<SessionState>,
    /** Where a recording parts from another one, or from a session. */
    difference: (
      id: string,
      other: { recordingId?: string | undefined; sessionId?: string | undefined },
      options: CallOptions = {},
    ): Promise<RecordingDifference> =>
      answerOf(http.GET('/api/v1/recordings/{id}/difference', { params: { path: { id }, query: other }, ...options })),
    /** Frames, each when it is due. Ends with the recording, or with its signal. */
    play: (id: string, options: PlayOptions = {}): AsyncIterable<Frame> => play(transport, id, options),
    /** A new session that stands where the recording ends. */
    restore: (id: string, as: RestoreSession = {}, options?: CreateOptions): Promise<Session> =>
      answerOf(
        http.POST('/api/v1/recordings/{id}/restore', { params: { path: { id } }, body: as, ...creating(options) }),
      ),
    delete: (id: string, { force, ...options }: CallOptions & { force?: boolean } = {}): Promise<void> =>
      succeeded(http.DELETE('/api/v1/recordings/{id}', { params: { path: { id }, query: { force } }, ...options })),
    export: (id: string, options: CallOptions = {}): Promise<ExportedRecording> =>
      answerOf(http.GET('/api/v1/recordings/{id}/export', { params: { path: { id } }, ...options })),
    import: (document: ImportRecording, options?: CreateOptions): Promise<Recording> =>
      answerOf(http.POST('/api/v1/recordings/import', { body: document, ...creating(options) })),
  };
}

function wired<Query extends FrameQuery>({ types, actors, ...rest }: Query) {
  return { ...rest, types: types?.join(','), actors: actors?.join(',') };
}

async function* play(transport: Transport, id: string, options: PlayOptions): AsyncGenerator<Frame> {
  const { signal, speed, ...query } = options;
  const parameters = new URLSearchParams();
  const given = { ...wired(query), speed: speed === Number.POSITIVE_INFINITY ? 0 : speed };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) parameters.set(name, String(value));
  const path = `/api/v1/recordings/${encodeURIComponent(id)}/play?${parameters}`;
  const { body } = await streamedAnswer(transport, path, signal ? { signal } : {});
  if (!body) return;
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Frame;
  }
}
