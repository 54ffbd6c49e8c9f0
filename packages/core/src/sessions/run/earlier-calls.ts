import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { latestEvents, readEarlierCall, type SessionState } from '../../journal/index.ts';
import type { Executor } from '../../platform/database/index.ts';
import type { ToolCall, ToolDecision } from '../runtime.ts';
import type { Session } from '../session.ts';

const callSchema = z.object({ callId: z.string(), tool: z.string(), arguments: z.record(z.string(), z.unknown()) });
const earlierSchema = z.object({ call: callSchema, result: z.object({ output: z.string().catch('') }) });
/** Characters of an earlier result that an agent is told. */
const TOLD = 4_000;

/**
 * Calls that a resumed run must not make again: those with a result in the journal, by their ids, and once each of those that
 * its caller chose to skip, since nobody knows whether they took effect.
 */
export class EarlierCalls {
  readonly #database: Executor;
  readonly #session: Session;
  readonly #skipped: z.infer<typeof callSchema>[];

  private constructor(database: Executor, session: Session, skipped: z.infer<typeof callSchema>[]) {
    this.#database = database;
    this.#session = session;
    this.#skipped = skipped;
  }

  /** @param skip the calls without a result that are not to be made again. */
  static async of(database: Executor, session: Session, skip: SessionState['openCalls']): Promise<EarlierCalls> {
    const skipped: z.infer<typeof callSchema>[] = [];
    for (const { seq } of skip) {
      const [event] = await latestEvents(database, session.projectId, session.id, { toSeq: seq, limit: 1 });
      const call = callSchema.safeParse(event?.payload);
      if (call.success) skipped.push(call.data);
    }
    return new EarlierCalls(database, session, skipped);
  }

  /** The refusal of a call that was made before, or null. */
  async refusal(call: ToolCall): Promise<ToolDecision | null> {
    const { projectId, id, attempt } = this.#session;
    const known = { callId: call.callId, beforeAttempt: attempt };
    const earlier = earlierSchema.safeParse(await readEarlierCall(this.#database, projectId, id, known));
    // Some models count their calls from 0 in each conversation: the same id alone does not make it the same call.
    if (earlier.success && isSame(earlier.data.call, call)) {
      const told = earlier.data.result.output.slice(0, TOLD);
      return { decision: 'deny', reason: `This call was made already and is not made again. It answered: ${told}` };
    }
    const skipped = this.#skipped.findIndex((one) => isSame(one, call));
    if (skipped < 0) return null;
    this.#skipped.splice(skipped, 1);
    return {
      decision: 'deny',
      reason:
        'This call was under way when the work was interrupted, and nobody knows whether it took effect. It was decided not to make it again: look at what is there, and go on without it.',
    };
  }
}

function isSame(one: Pick<ToolCall, 'tool' | 'arguments'>, other: Pick<ToolCall, 'tool' | 'arguments'>): boolean {
  return one.tool === other.tool && isDeepStrictEqual(one.arguments, other.arguments);
}
