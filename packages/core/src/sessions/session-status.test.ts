import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignalboxError } from '../platform/errors/index.ts';
import { describeOnBackends } from '../testing/index.ts';
import { changeStatus } from './held-sessions.ts';
import { onTransaction } from './session-parts.ts';
import {
  ACTIVE_STATUSES,
  canTransition,
  isActive,
  SESSION_STATUSES,
  type SessionStatus,
  TERMINAL_STATUSES,
  transitions,
} from './session-status.ts';
import { codeOf, openFixture, type SessionFixture } from './testing/session-fixture.ts';

describe('the table of transitions', () => {
  it('active and terminal statuses are all of them, and none is both', () => {
    expect([...ACTIVE_STATUSES, ...TERMINAL_STATUSES].sort()).toEqual([...SESSION_STATUSES].sort());
    expect(new Set([...ACTIVE_STATUSES, ...TERMINAL_STATUSES]).size).toBe(13);
  });

  it('says what the design says', () => {
    const active = transitions().filter(({ retry }) => !retry);
    expect(active.filter(({ to }) => to === 'expired').map(({ from }) => from)).toEqual([...ACTIVE_STATUSES]);
    const retries = transitions().filter(({ retry }) => retry);
    expect(retries.map(({ from, to }) => `${from} ${to}`).sort()).toEqual(
      ['failed pending', 'orphaned pending', 'partially_completed pending', 'timeout pending'].sort(),
    );
    for (const from of TERMINAL_STATUSES) {
      for (const to of SESSION_STATUSES) expect(canTransition(from, to, false)).toBe(false);
    }
  });

  it('property: from anywhere, any walk along the table stays in it, and only a retry leaves a terminal status', () => {
    const walk = fc.array(fc.tuple(fc.constantFrom(...SESSION_STATUSES), fc.boolean()), { maxLength: 50 });
    fc.assert(
      fc.property(fc.constantFrom(...SESSION_STATUSES), walk, (start, steps) => {
        let at: SessionStatus = start;
        for (const [to, raised] of steps) {
          if (!canTransition(at, to, raised)) continue;
          expect(to).not.toBe(at);
          if (!isActive(at)) expect([to, raised]).toEqual(['pending', true]);
          else expect(raised).toBe(false);
          at = to;
        }
      }),
    );
  });
});

describeOnBackends('all 13 × 13 pairs of statuses', (backend) => {
  let f: SessionFixture;
  const ids = new Map<SessionStatus, string>();
  beforeAll(async () => {
    f = await openFixture(backend);
    for (const status of SESSION_STATUSES) ids.set(status, (await f.makeIn(status)).id);
  });
  afterAll(() => f.db.close());

  class Undo extends Error {}
  /** Runs `work` in a transaction that is always rolled back, so that the next pair finds the same session. */
  async function undone(work: Parameters<typeof f.db.database.transaction>[0]): Promise<unknown> {
    let result: unknown;
    try {
      await f.db.database.transaction(async (tx) => {
        result = await work(tx);
        throw new Undo();
      });
    } catch (error) {
      if (!(error instanceof Undo)) throw error;
    }
    return result;
  }

  it('the database holds the same table as the code', async () => {
    const rows = await f.sql('SELECT from_status AS "from", to_status AS "to", retry FROM session_status_transitions');
    const byName = (a: object, b: object) => JSON.stringify(a).localeCompare(JSON.stringify(b));
    expect(rows.sort(byName)).toEqual(transitions().sort(byName));
  });

  const pairs = SESSION_STATUSES.flatMap((from) =>
    SESSION_STATUSES.flatMap((to) => [false, true].map((raised) => ({ from, to, raised }))),
  );

  it('the service allows what the table allows, with and without a raised attempt, and refuses the rest', async () => {
    for (const { from, to, raised } of pairs) {
      const id = ids.get(from) ?? '';
      const name = `${from} → ${to}${raised ? ' as a retry' : ''}`;
      const attempt = undone(async (tx) => {
        const scope = onTransaction(f.parts, tx);
        return changeStatus(scope, f.projectId, id, 'tester', 'status', () => ({ to, retry: raised }));
      });
      if (canTransition(from, to, raised)) {
        expect(await attempt, name).toMatchObject({ status: to, attempt: raised ? 2 : 1 });
      } else {
        const error = await attempt.catch((reason: unknown) => reason);
        expect(SignalboxError.is(error, 'INVALID_TRANSITION'), name).toBe(true);
        expect((error as SignalboxError).details, name).toMatchObject({ from, to });
      }
    }
  });

  it('an update of the status follows the same table', async () => {
    for (const { from, to, raised } of pairs) {
      if (raised) continue;
      const id = ids.get(from) ?? '';
      const code = await codeOf(
        undone((tx) => f.sessions.within(tx).update(f.projectId, id, { status: to }, 'tester')),
      );
      expect(code, `${from} → ${to}`).toBe(canTransition(from, to) ? null : 'INVALID_TRANSITION');
    }
  });

  it('a direct UPDATE meets the same table; the same status is no change, unless the attempt is raised', async () => {
    const update = {
      name: '',
      text: `UPDATE sessions SET status = $2, attempt = attempt + $3, version = version + 1 WHERE id = $1
        RETURNING status, attempt, status_updated_at = (SELECT status_updated_at FROM sessions WHERE id = $1) AS untouched`,
    };
    for (const { from, to, raised } of pairs) {
      const name = `${from} → ${to}${raised ? ' with a raised attempt' : ''}`;
      const attempt = undone((tx) => tx.query(update, [ids.get(from), to, raised ? 1 : 0]));
      if (canTransition(from, to, raised) || (from === to && !raised)) {
        expect(await attempt, name).toEqual([{ status: to, attempt: raised ? 2 : 1, untouched: from === to }]);
      } else {
        await expect(attempt, name).rejects.toMatchObject({ sqlState: 'SB002' });
      }
    }
  });

  it('the attempt is raised by one and by nothing else', async () => {
    for (const raise of [-1, 2]) {
      const text = `UPDATE sessions SET status = 'pending', attempt = attempt + $2, version = version + 1 WHERE id = $1`;
      await expect(f.sql(text, [ids.get('failed'), raise])).rejects.toMatchObject({ sqlState: 'SB002' });
    }
  });
});
