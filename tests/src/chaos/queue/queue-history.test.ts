import { describe, expect, it } from 'vitest';
import {
  type Attempt,
  checkQueue,
  type Disturbances,
  type Effect,
  type Enqueue,
  recoveries,
  type Taken,
  undisturbed,
} from './queue-history.ts';

/** A second attempt. */
const again = { attempt: 2, agent: 'w2', outcome: 'completed', from: 380, to: 410 };

/** A right history of five tasks: `t0` to `t3` completed at once, `t4` lost by a worker that died at 100, and completed by another. */
function rightHistory() {
  const enqueues: Enqueue[] = [];
  const tasks: { taskId: string; ref: string; status: string }[] = [];
  const attempts: Attempt[] = [];
  const effects: Effect[] = [];
  for (let n = 0; n < 5; n += 1) {
    const taskId = `t${n}`;
    enqueues.push({ ref: `r${n}`, outcome: 'acknowledged', taskId });
    tasks.push({ taskId, ref: `r${n}`, status: 'completed' });
    const dies = n === 4;
    const at = 10 * n;
    const times = dies ? { from: at, to: 350 } : { from: at, to: at + 5 };
    attempts.push({ taskId, attempt: 1, token: 10 + n, agent: 'w1', outcome: dies ? 'lost' : 'completed', ...times });
    effects.push({ kind: 'begun', at, taskId, token: 10 + n, worker: 'w1' });
    if (!dies) effects.push({ kind: 'acknowledged', at: at + 5, taskId, token: 10 + n, worker: 'w1' });
  }
  attempts.push({ ...again, taskId: 't4', token: 30 });
  effects.push({ kind: 'begun', at: 400, taskId: 't4', token: 30, worker: 'w2' });
  effects.push({ kind: 'acknowledged', at: 410, taskId: 't4', token: 30, worker: 'w2' });
  return { enqueues, tasks, attempts, effects, deaths: [{ worker: 'w1', at: 100 }] };
}
type History = ReturnType<typeof rightHistory>;

/** What the checker says once a fault is planted in a right history. */
function problemsOf(plant: (history: History) => void): string[] {
  const history = rightHistory();
  plant(history);
  return checkQueue(history);
}

const first = <T>(list: readonly T[]): T => {
  const [one] = list;
  if (one === undefined) throw new Error('the list is empty');
  return one;
};

describe('the checker of queue histories', () => {
  it('finds nothing wrong with what is right', () => {
    expect(checkQueue(rightHistory())).toEqual([]);
  });

  it('allows an enqueue of unknown outcome both ways, and a repeated one', () => {
    expect(
      problemsOf(({ enqueues }) => {
        first(enqueues).outcome = 'unknown';
        enqueues.push({ ref: 'r9', outcome: 'unknown', taskId: null });
        enqueues.push({ ref: 'r1', outcome: 'unknown', taskId: null }, { ref: 'r1', outcome: 'refused', taskId: null });
      }),
    ).toEqual([]);
  });

  const faults: [title: string, plant: (history: History) => void, problem: string][] = [
    [
      'an acknowledged task that is not there',
      ({ enqueues }) => enqueues.push({ ref: 'r9', outcome: 'acknowledged', taskId: 't9' }),
      'r9 was acknowledged and is lost',
    ],
    [
      'an acknowledgement that names another task',
      ({ enqueues }) => {
        first(enqueues).taskId = 't1';
      },
      'r0 was acknowledged and is lost',
    ],
    [
      'a task that never ended',
      ({ tasks }) => {
        first(tasks).status = 'queued';
      },
      't0 is queued',
    ],
    [
      'a task made by a refused enqueue',
      ({ enqueues }) => {
        first(enqueues).outcome = 'refused';
      },
      'r0 was refused and made',
    ],
    ['a task of nobody’s making', ({ enqueues }) => enqueues.splice(0, 1), 'r0 was made and never asked for'],
    [
      'a task made twice',
      ({ tasks }) => tasks.push({ taskId: 't8', ref: 'r0', status: 'completed' }),
      'r0 was made 2 times',
    ],
    [
      'a task that two attempts completed',
      ({ attempts }) => attempts.push({ ...again, taskId: 't0', token: 40 }),
      't0 was completed 2 times',
    ],
    [
      'a completed task without an attempt that did it',
      ({ attempts }) => {
        first(attempts).outcome = 'lost';
      },
      't0 was completed 0 times',
    ],
    [
      'an attempt after the completion',
      ({ attempts }) => attempts.push({ ...again, taskId: 't0', token: 40, outcome: 'lost' }),
      't0 was attempted after it was completed',
    ],
    [
      'a gap between attempts',
      ({ attempts }) => {
        for (const row of attempts) if (row.token === 30) row.attempt = 3;
      },
      't4: attempt 2 is missing',
    ],
    [
      'a token that does not grow',
      ({ attempts, effects }) => {
        for (const one of [...attempts, ...effects]) if (one.token === 30) one.token = 14;
      },
      't4: attempt 2 has token 14 after 14',
    ],
    [
      'work of which nothing is recorded',
      ({ effects }) => effects.push({ kind: 'begun', at: 1, taskId: 't0', token: 7, worker: 'w3' }),
      't0: w3 worked with token 7, of which there is no attempt',
    ],
    [
      'an acknowledgement under another token than the record’s',
      ({ attempts, effects }) => {
        for (const one of [...attempts, ...effects])
          if (one.taskId === 't0' && !('kind' in one && one.kind === 'acknowledged')) one.token = 9;
      },
      't0: w1 was told that it completed it with 10; the record says otherwise',
    ],
    [
      'two acknowledged completions',
      ({ effects }) => effects.push({ kind: 'acknowledged', at: 420, taskId: 't4', token: 14, worker: 'w1' }),
      't4: 2 completions were acknowledged',
    ],
    [
      'a stale acknowledgement after another began',
      ({ effects }) => effects.push({ kind: 'acknowledged', at: 405, taskId: 't4', token: 14, worker: 'w1' }),
      't4: w1 completed it with 14 when w2 had begun with 30',
    ],
    [
      'work begun again after its completion was acknowledged',
      ({ effects }) => effects.push({ kind: 'acknowledged', at: 50, taskId: 't4', token: 14, worker: 'w1' }),
      't4: w2 began with 30 what w1 had completed with 14',
    ],
    [
      'work on a task that is not there',
      ({ effects }) => effects.push({ kind: 'begun', at: 1, taskId: 't9', token: 7, worker: 'w3' }),
      't9 was worked on and is not there',
    ],
  ];
  it.each(faults)('finds %s', (_, plant, problem) => {
    expect(problemsOf(plant)).toContain(problem);
  });

  it('measures from a death until others began what was taken, and nothing that was lost before', () => {
    const history = rightHistory();
    const measured = () => recoveries(history).map(({ tasks }) => tasks);
    const taken = { lost: 250, claimed: 280, delay: 300, by: 'w2', struckAgain: false };
    expect(measured()).toEqual([[taken]]);
    first(history.deaths).at = 500;
    expect(measured()).toEqual([[]]);
    first(history.deaths).at = 100;
    for (const row of history.attempts) if (row.token === 30) row.attempt = 3;
    history.attempts.push({ ...again, taskId: 't4', token: 20, agent: 'w3', outcome: 'lost' });
    expect(measured()).toEqual([[{ ...taken, struckAgain: true }]]);
    history.effects = history.effects.filter(({ token }) => token !== 30);
    expect(measured()).toEqual([[{ ...taken, delay: Number.POSITIVE_INFINITY, by: null }]]);
    history.attempts = history.attempts.filter(({ attempt }) => attempt === 1);
    expect(measured()).toEqual([
      [{ ...taken, claimed: Number.POSITIVE_INFINITY, delay: Number.POSITIVE_INFINITY, by: null }],
    ]);
  });

  const calm = { outages: [], faults: [], stalls: [] };
  const task = { lost: 250, claimed: 280, delay: 300, by: 'w2', struckAgain: false };
  const never = { ...task, claimed: Number.POSITIVE_INFINITY, delay: Number.POSITIVE_INFINITY, by: null };
  const left = (disturbances: Partial<Disturbances>, tasks: Taken[] = [task]) =>
    undisturbed({ worker: 'w1', at: 100, tasks }, { ...calm, ...disturbances }, 200);

  it('counts what nothing else came upon, and takes the time off for which the machine stood still', () => {
    expect(left({})).toEqual([task]);
    expect(left({}, [{ ...task, struckAgain: true }])).toEqual([]);
    expect(left({}, [never])).toEqual([never]);
    const stalls = [
      { from: 50, to: 120 },
      { from: 350, to: 380 },
      { from: 390, to: 500 },
    ];
    expect(left({ stalls })).toEqual([{ ...task, lost: 230, claimed: 230, delay: 240 }]);
  });

  it('leaves out what a fault came upon before it was due, and nothing that was late already', () => {
    expect(left({ outages: [{ from: 50, to: 101 }] })).toEqual([]);
    expect(left({ outages: [{ from: 50, to: 100 }] })).toEqual([task]);
    expect(left({ outages: [{ from: 300, to: 400 }] })).toEqual([task]);
    expect(left({ faults: [{ worker: 'w2', from: 250, to: 400 }] })).toEqual([]);
    expect(left({ faults: [{ worker: 'w3', from: 250, to: 400 }] })).toEqual([task]);
    const stood = { from: 150, to: 160 };
    expect(left({ stalls: [stood], outages: [{ from: 305, to: 400 }] })).toEqual([]);
  });
});
