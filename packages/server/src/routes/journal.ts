import { type Journal, SignalboxError } from '@signalbox/core';
import * as contract from '../contract/session-parts.ts';
import type { Serve } from '../http/serve.ts';

const DEFAULT_PAGE_SIZE = 100;
const MOST_EVENTS = 500;

export function journalRoutes(serve: Serve, journal: Journal): void {
  serve(contract.readJournal, async ({ params, query }, { projectId }) => {
    const { pageSize = DEFAULT_PAGE_SIZE, ...range } = query;
    const read = await journal.read(projectId, params.id, { ...range, limit: pageSize });
    return { items: read.items, total: read.total, page: 1, pageSize, nextAfterSeq: read.nextAfterSeq };
  });
  serve(contract.appendJournal, async ({ params, body }, { projectId }) => {
    // The envelope only: the journal checks each event while it writes it out.
    const events = body?.events;
    if (!Array.isArray(events) || events.length > MOST_EVENTS || Object.keys(body).length > 1) {
      throw new SignalboxError('VALIDATION_FAILED', {
        reason: `the body must be {"events": […]} with 1 to ${MOST_EVENTS} events`,
      });
    }
    return { items: await journal.append(projectId, params.id, events) };
  });
  serve(contract.readPayload, async ({ params }, { projectId }) => {
    const payload = await journal.payload(projectId, params.id, params.digest);
    if (payload === null) throw new SignalboxError('PAYLOAD_NOT_FOUND', { id: params.id, digest: params.digest });
    return payload;
  });
}
