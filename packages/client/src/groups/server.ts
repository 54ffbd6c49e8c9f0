import { ApiError, ServerUnreachableError } from '../transport/api-error.ts';
import { streamedAnswer } from '../transport/streamed-answer.ts';
import { answerOf, type CallOptions, type Transport } from '../transport/transport.ts';
import type { Page, RuntimeInfo, SystemInfo } from '../types.ts';

/** The server itself: what it runs on, what it can execute, and all that it holds. */
export function serverMethods(transport: Transport) {
  const { http } = transport;
  return {
    system: (options: CallOptions = {}): Promise<SystemInfo> => answerOf(http.GET('/api/v1/system', { ...options })),
    runtimes: (options: CallOptions = {}): Promise<Page<RuntimeInfo>> =>
      answerOf(http.GET('/api/v1/runtimes', { ...options })),
    /**
     * All data of its database as one archive (gzip), for admins. The bytes come as fast as they are read; the stream
     * fails when the connection breaks before the end.
     */
    exportDatabase: async (options: CallOptions = {}): Promise<ReadableStream<Uint8Array>> => {
      const { body } = await exportAnswer(transport, options);
      if (body === null) throw new ServerUnreachableError(transport.baseUrl);
      return body;
    },
  };
}

async function exportAnswer(transport: Transport, options: CallOptions): Promise<Response> {
  try {
    const { signal = null } = options;
    return await streamedAnswer(transport, '/api/v1/system/export', { method: 'POST', signal });
  } catch (error) {
    if (ApiError.is(error) || options.signal?.aborted) throw error;
    throw new ServerUnreachableError(transport.baseUrl, { cause: error });
  }
}
