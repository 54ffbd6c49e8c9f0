import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { Page, RuntimeInfo, SystemInfo } from '../types.ts';

/** The server itself: what it runs on and what it can execute. */
export function serverMethods({ http }: Transport) {
  return {
    system: (options: CallOptions = {}): Promise<SystemInfo> => answerOf(http.GET('/api/v1/system', { ...options })),
    runtimes: (options: CallOptions = {}): Promise<Page<RuntimeInfo>> =>
      answerOf(http.GET('/api/v1/runtimes', { ...options })),
  };
}
