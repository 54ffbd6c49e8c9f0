import { expect, test } from 'vitest';
import type { Budget } from '../../policies/index.ts';
import type { Claim } from '../../tasks/index.ts';
import { ManualClock } from '../../testing/index.ts';
import { BudgetWatch } from './budget-watch.ts';

const USED_UP = { id: 'b', name: 'hours', limits: { seconds: 10 }, spent: { seconds: 10 } } as unknown as Budget;

test('time alone is booked, and where it uses a budget up the run stands still until there is more', async () => {
  const clock = new ManualClock();
  const seen: string[] = [];
  let usedUp: Budget | null = null;
  const watch = new BudgetWatch({
    sessions: {
      addUsage: async (_project: string, _id: string, usage: object) => {
        seen.push(`booked ${JSON.stringify(usage)}`);
        return usedUp;
      },
      pause: async (_project: string, _id: string, actor: string) => seen.push(`paused by ${actor}`),
      resume: async (_project: string, _id: string, actor: string) => seen.push(`resumed by ${actor}`),
    } as never,
    budgets: { usedUp: async () => usedUp },
    clock,
    claim: { projectId: 'p', agent: 'w' } as Claim,
    sessionId: 's',
    say: async ({ type }) => void seen.push(`said ${type}`),
    follow: (status) => seen.push(`is ${status}`),
    onError: (error) => seen.push(`failed: ${error}`),
    ended: new AbortController().signal,
  });
  const watching = watch.watch();
  const passes = async (ms: number) => {
    await clock.advance(ms);
    return seen.splice(0);
  };
  expect(await passes(9_999)).toEqual([]);
  expect(await passes(1)).toEqual(['booked {}']);
  usedUp = USED_UP;
  expect(await passes(10_000)).toEqual(['booked {}', 'paused by budget:hours', 'is paused', 'said status']);
  expect(watch.stands).toBe(true);
  // Nothing is spent meanwhile, and nothing booked; whoever lets it run without raising the budget is stopped again.
  expect(await passes(1_000)).toEqual(['paused by budget:hours', 'is paused']);
  usedUp = null;
  expect(await passes(1_000)).toEqual(['resumed by budget:hours', 'is running']);
  expect(watch.stands).toBe(false);
  expect((await passes(10_000)).length).toBe(1);
  await watch.end();
  await watching;
  expect(await passes(60_000)).toEqual([]);
});
