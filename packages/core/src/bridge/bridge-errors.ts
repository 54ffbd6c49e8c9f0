import { DatabaseError } from '../platform/database/index.ts';
import { type ErrorCode, type ErrorDetails, SignalboxError } from '../platform/errors/index.ts';

type BridgeErrorCode = Extract<ErrorCode, `BRIDGE_${string}`>;

/**
 * Answers a question of the bridge. What callers know keeps its own code: input that is not valid, a session that there is not, a
 * database that is away. Whatever else is thrown becomes the code of the question, with what was asked, and is its cause (BRIDGE-09).
 */
export async function answering<Answer>(
  code: BridgeErrorCode,
  asked: ErrorDetails,
  answer: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await answer();
  } catch (error) {
    if (isKnown(error)) throw error;
    throw new SignalboxError(code, asked, { cause: error });
  }
}

/** Text that no column can hold is input that is not valid; which part of it, only the database says. */
function isKnown(error: unknown): boolean {
  return SignalboxError.is(error) || (DatabaseError.is(error) && error.kind === 'invalid_text');
}
