import type { Ids } from '@signalbox/core';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

export interface Trace {
  /** 32 hex digits: the caller's, so that its trace goes on here, or a new one. */
  traceId: string;
  /** What to answer as `traceparent` (W3C Trace Context). */
  traceparent: string;
}

export function traceOf(header: string | string[] | undefined, ids: Ids): Trace {
  const given = TRACEPARENT.exec(Array.isArray(header) ? (header[0] ?? '') : (header ?? ''))?.[1];
  const traceId = given !== undefined && !/^0+$/.test(given) ? given : ids.uuid().replaceAll('-', '');
  const spanId = ids.uuid().replaceAll('-', '').slice(16);
  return { traceId, traceparent: `00-${traceId}-${spanId}-01` };
}
