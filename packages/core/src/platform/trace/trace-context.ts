import { AsyncLocalStorage } from 'node:async_hooks';

/** On whose behalf something is done, for the record: what no verb needs to decide, and every audit row should hold. */
export interface TraceContext {
  /** 32 hex digits (W3C Trace Context). */
  traceId: string;
  /** Role under which the caller came in; null where there is none. */
  actorRole: string | null;
}

const current = new AsyncLocalStorage<TraceContext>();

/** Runs `work` and all that it awaits under this trace. */
export function withTrace<T>(context: TraceContext, work: () => T): T {
  return current.run(context, work);
}

/** The trace under which the caller runs; undefined for what the program does by itself. */
export function currentTrace(): TraceContext | undefined {
  return current.getStore();
}
