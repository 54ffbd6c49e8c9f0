import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { type Core, type Frame, Playback, redactor } from '@signalbox/core';
import type { Given } from '../contract/operation.ts';
import { playRecording } from '../contract/replay.ts';
import { contextOf, givenOf, routeOf, type ServeParts } from '../http/serve-operation.ts';

/** Adds `GET /recordings/{id}/play`: a line of JSON per frame, each when it is due, no faster than its reader takes them. */
export function playRoute(
  parts: ServeParts,
  core: Pick<Core, 'recordings' | 'clock'>,
  onError: (error: unknown) => void,
): void {
  parts.app.route({
    method: playRecording.method,
    url: routeOf(playRecording),
    // A HEAD of it would play to nobody.
    exposeHeadRoute: false,
    config: { operation: playRecording },
    handler: async (request, reply) => {
      const { projectId } = await contextOf(parts, playRecording, request);
      const { params, query } = givenOf(playRecording, request) as Given<typeof playRecording>;
      const { speed = 1, longestGapMs = null, ...filter } = query;
      const frames: Frame[] = [];
      for await (const frame of core.recordings.eachFrame(projectId, params.id, filter)) frames.push(frame);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const lines = new PassThrough();
      const playback = new Playback(frames, {
        clock: core.clock,
        speed: speed === 0 ? Number.POSITIVE_INFINITY : speed,
        longestGapMs,
        signal: gone.signal,
        onFrame: async (frame) => {
          if (!lines.write(`${redactor.json(JSON.stringify(frame))}\n`))
            await once(lines, 'drain', { signal: gone.signal });
        },
      });
      playback
        .play()
        .then(() => lines.end())
        .catch((error: unknown) => {
          if (!gone.signal.aborted) onError(error);
          lines.destroy();
        });
      return reply.type('application/x-ndjson; charset=utf-8').header('cache-control', 'no-store').send(lines);
    },
  });
}
