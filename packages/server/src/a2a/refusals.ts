import { A2AError, RequestMalformedError, TaskNotFoundError, UnsupportedOperationError } from '@a2a-js/sdk/errors';
import type { Caller } from '../calls/caller.ts';

/** Does what the API does, and refuses in the protocol's terms what it refuses. */
export async function inTermsOfA2a<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof A2AError) throw error;
    const { code, status, detail } = caller.problemOf(error);
    const text = `${code}: ${detail}`;
    if (status === 404) throw new TaskNotFoundError(text);
    if (status === 403) throw new UnsupportedOperationError(text);
    if (status < 500) throw new RequestMalformedError(text);
    throw new Error(text);
  }
}
