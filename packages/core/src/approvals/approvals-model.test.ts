import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idsFrom } from '../platform/ids/ids.ts';
import { TaskQueue } from '../tasks/index.ts';
import {
  describeOnBackends,
  insertTestProject,
  insertTestSession,
  ManualClock,
  type TestDatabase,
} from '../testing/index.ts';
import { randomCases } from '../testing/random-cases.ts';
import type { ApprovalStatus } from './approval.ts';
import { Approvals } from './index.ts';

type Step =
  | { do: 'approve' | 'reject'; by: string }
  | { do: 'withdraw' }
  | { do: 'wait'; seconds: number }
  | { do: 'look' }
  | { do: 'use' };

const stepOf: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('approve'), by: fc.constantFrom('ann', 'ben', 'eve') }) },
  fc.record({ do: fc.constant('reject'), by: fc.constantFrom('ann', 'ben') }),
  fc.record({ do: fc.constant('withdraw') }),
  fc.record({ do: fc.constant('wait'), seconds: fc.integer({ min: 1, max: 70 }) }),
  fc.record({ do: fc.constant('look') }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('use') }) },
) as fc.Arbitrary<Step>;

/** What the rules say, in a few lines: a question is left once, and what it allows is done once. */
class Model {
  status: ApprovalStatus = 'pending';
  used = false;
  readonly #by = new Set<string>();
  #left = 100;
  readonly #quorum: number;

  constructor(quorum: number) {
    this.#quorum = quorum;
  }

  /** Whether the step is taken. */
  take(step: Step): boolean {
    if (step.do === 'wait') {
      this.#left -= step.seconds;
      return true;
    }
    const open = this.status === 'pending';
    if (step.do === 'use') {
      const may = this.status === 'approved' && !this.used;
      this.used ||= may;
      return may;
    }
    if (open && this.#left <= 0) {
      this.status = 'expired';
      return step.do === 'look';
    }
    if (step.do === 'look') return true;
    if (!open || ((step.do === 'approve' || step.do === 'reject') && this.#by.has(step.by))) return false;
    if (step.do === 'reject') this.status = 'rejected';
    if (step.do === 'withdraw') this.status = 'withdrawn';
    if (step.do === 'approve' && this.#by.add(step.by).size >= this.#quorum) this.status = 'approved';
    return true;
  }
}

describeOnBackends('approvals, by any steps', (backend) => {
  let opened: TestDatabase;
  let projectId: string;
  let sessionId: string;
  let calls = 0;

  beforeAll(async () => {
    opened = await backend.open();
    projectId = await insertTestProject(opened.database);
    sessionId = await insertTestSession(opened.database, projectId);
  });
  afterAll(() => opened.close());

  test('do what the model does', async () => {
    const cases = { numRuns: Math.ceil(randomCases().numRuns / 8) };
    await fc.assert(
      fc.asyncProperty(
        fc.array(stepOf, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 2 }),
        async (steps, quorum) => {
          const clock = new ManualClock();
          const approvals = new Approvals({
            database: opened.database,
            clock,
            ids: idsFrom(clock),
            key: Buffer.alloc(32, 7),
            tasks: new TaskQueue({ database: opened.database, ids: idsFrom(clock) }),
          });
          const call = { sessionId, tool: 'bash', arguments: { n: ++calls } };
          const { id, digest } = await approvals.request(
            projectId,
            { ...call, terms: { quorum, timeoutSeconds: 100 } },
            'agent',
          );
          const carryOut = async (step: Step): Promise<boolean> => {
            if (step.do === 'wait') await clock.advance(step.seconds * 1000);
            else if (step.do === 'look') await approvals.lookAfter();
            else if (step.do === 'use') return (await approvals.use(projectId, sessionId, digest)) !== null;
            else if (step.do === 'withdraw')
              await approvals.withdraw(projectId, id, {}, { actor: 'agent', name: 'agent', role: 'agent' });
            else
              await approvals.decide(
                projectId,
                id,
                { verdict: step.do },
                { actor: step.by, name: step.by, role: 'approver' },
              );
            return true;
          };
          const model = new Model(quorum);
          for (const step of steps) {
            const done = await carryOut(step).catch((error: { code?: string }) => {
              expect(['APPROVAL_DECIDED', 'APPROVAL_VOTED']).toContain(error.code);
              return false;
            });
            expect(done).toBe(model.take(step));
            const { status, usedAt } = await approvals.get(projectId, id);
            expect({ status, used: usedAt !== null }).toEqual({ status: model.status, used: model.used });
          }
          // Nothing of this case is due in the next one, whose clock starts anew.
          if (model.status === 'pending')
            await approvals
              .withdraw(projectId, id, {}, { actor: 'agent', name: 'agent', role: 'agent' })
              .catch(() => null);
        },
      ),
      cases,
    );
  });
});
