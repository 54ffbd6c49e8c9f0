import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AssignableTask } from '../../tasks/index.ts';
import { satisfies, satisfiesAll } from '../capability.ts';
import { planAssignments } from '../plan-assignments.ts';
import {
  affinityScore,
  type Candidate,
  capabilityScore,
  createStrategy,
  dynamicScore,
  STRATEGY_TYPES,
} from './index.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const capabilities = fc
  .uniqueArray(fc.constantFrom(...NAMES))
  .map((names) => names.map((name) => ({ name, version: null })));
const past = fc.array(
  fc.record({
    place: fc.constantFrom('', 'path:src', 'workspace:w'),
    completed: fc.nat(1_000),
    failed: fc.nat(1_000),
    ageSeconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
  }),
  { maxLength: 4 },
);
const candidates = fc
  .array(
    fc.record({
      load: fc.nat(5),
      room: fc.nat(5),
      priority: fc.integer({ min: 0, max: 3 }),
      errorRate: fc.constantFrom(0, 0.5, 1),
      averageTaskDuration: fc.constantFrom(null, 1, 1_000, 60_000),
      capabilities,
      past,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) =>
    all.map(
      ({ room, ...one }, index): Candidate => ({
        ...one,
        id: `agent-${index}`,
        seq: index + 1,
        maxLoad: Math.max(1, one.load + room),
      }),
    ),
  );
const required = fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 });
const tasks = fc
  .array(fc.record({ required, failedBy: fc.constantFrom(null, 'agent-0', 'agent-1') }), { maxLength: 20 })
  .map((all) =>
    all.map(
      (one, index): AssignableTask => ({
        ...one,
        taskId: `task-${index}`,
        type: 'work',
        places: [],
        place: { priority: 0, runAt: '', taskId: '' },
      }),
    ),
  );
const none = () => [];

describe('strategies', () => {
  test('each chooses one of the candidates, the same one whatever their order', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STRATEGY_TYPES), candidates, required, fc.nat(7), (type, all, needs, last) => {
        const strategy = createStrategy(type);
        const chosen = strategy.choose({ required: needs }, all, { last });
        expect(all).toContain(chosen);
        expect(strategy.choose({ required: needs }, all.toReversed(), { last }).id).toBe(chosen.id);
      }),
    );
  });

  test('equals are decided by registration (COORD-30…35)', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STRATEGY_TYPES), candidates, (type, all) => {
        const twins = all.map((candidate) => ({ ...(all[0] as Candidate), id: candidate.id, seq: candidate.seq }));
        expect(createStrategy(type).choose({ required: [] }, twins, { last: 0 }).seq).toBe(1);
      }),
    );
  });

  test('each score is the highest there is', () => {
    fc.assert(
      fc.property(candidates, required, (all, needs) => {
        const choose = (type: string) => createStrategy(type).choose({ required: needs }, all, { last: 0 });
        for (const other of all) {
          const least = choose('least-loaded');
          expect(least.load / least.maxLoad).toBeLessThanOrEqual(other.load / other.maxLoad);
          expect(choose('priority-based').priority).toBeGreaterThanOrEqual(other.priority);
          expect(capabilityScore(choose('capability-weighted').capabilities, needs)).toBeGreaterThanOrEqual(
            capabilityScore(other.capabilities, needs),
          );
          expect(dynamicScore(choose('dynamic'), needs)).toBeGreaterThanOrEqual(dynamicScore(other, needs));
          expect(affinityScore(choose('affinity'))).toBeGreaterThanOrEqual(affinityScore(other));
        }
      }),
    );
  });

  test('round-robin lets everybody have their turn before anybody has a second one', () => {
    fc.assert(
      fc.property(candidates, fc.integer({ min: 1, max: 4 }), (all, rounds) => {
        const strategy = createStrategy('round-robin');
        const rotation = { last: 0 };
        for (let round = 0; round < rounds; round += 1) {
          const turns = all.map(() => {
            const chosen = strategy.choose({ required: [] }, all, rotation);
            rotation.last = chosen.seq;
            return chosen.id;
          });
          expect(turns).toEqual(all.map(({ id }) => id));
        }
      }),
    );
  });

  test('dynamic and affinity scores stay within 0 and 1 by the usual weights', () => {
    fc.assert(
      fc.property(candidates, required, (all, needs) => {
        for (const candidate of all) {
          for (const score of [dynamicScore(candidate, needs), affinityScore(candidate)]) {
            expect(score).toBeGreaterThanOrEqual(0);
            expect(score).toBeLessThanOrEqual(1 + 1e-12);
          }
        }
      }),
    );
  });

  test('weights are what is set, and nothing else is taken (COORD-07, COORD-33, COORD-35)', () => {
    const generalist = { name: 'generalist', capabilities: ['a', 'b', 'c'].map((name) => ({ name, version: null })) };
    const specialist = { name: 'specialist', capabilities: [{ name: 'a', version: null }] };
    expect(capabilityScore(generalist.capabilities, ['a'])).toBe(3);
    expect(capabilityScore(specialist.capabilities, ['a'])).toBe(2);
    const weights = { required: 2, extra: -0.5 };
    expect(capabilityScore(generalist.capabilities, ['a'], weights)).toBe(1);
    expect(() => createStrategy('fewest-completed')).toThrow(
      expect.objectContaining({ code: 'AGENT_STRATEGY_UNKNOWN' }),
    );
    expect(() => createStrategy('toString')).toThrow(expect.objectContaining({ code: 'AGENT_STRATEGY_UNKNOWN' }));
    expect(() => createStrategy('dynamic', { luck: 1 })).toThrow(
      expect.objectContaining({ code: 'AGENT_STRATEGY_INVALID' }),
    );
    expect(() => createStrategy('round-robin', { load: 1 })).toThrow(
      expect.objectContaining({ code: 'AGENT_STRATEGY_INVALID' }),
    );
  });

  test('success, nearness and recency each raise affinity, failure lowers it', () => {
    const score = (outcomes: Candidate['past']) => affinityScore({ past: outcomes, load: 0, maxLoad: 1 });
    const well = { place: '', completed: 3, failed: 0, ageSeconds: 0 };
    expect(score([well])).toBeGreaterThan(score([]));
    expect(score([well, { ...well, place: 'path:src' }])).toBeGreaterThan(score([well]));
    expect(score([{ ...well, ageSeconds: 86_400 }])).toBeLessThan(score([well]));
    expect(score([{ ...well, failed: 3 }])).toBeLessThan(score([well]));
    expect(score([{ ...well, completed: 0, failed: 3 }])).toBe(score([]));
  });
});

describe('planned assignments', () => {
  test('suit their agents, keep to their room, follow the order and leave none out that could be given', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STRATEGY_TYPES), candidates, tasks, (type, all, queue) => {
        const before = new Map(all.map(({ id, load }) => [id, load]));
        const choices = planAssignments(queue, all, createStrategy(type), { last: 0 }, none);
        const order = choices.map(({ taskId }) => queue.findIndex((task) => task.taskId === taskId));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        expect(new Set(order).size).toBe(order.length);
        const loads = new Map(before);
        for (const task of queue) {
          const open = all.filter(
            ({ id, maxLoad, capabilities: has }) => (loads.get(id) ?? 0) < maxLoad && satisfiesAll(has, task.required),
          );
          const choice = choices.find(({ taskId }) => taskId === task.taskId);
          expect(choice !== undefined).toBe(open.length > 0);
          if (!choice) continue;
          expect(open.map(({ id }) => id)).toContain(choice.agentId);
          if (open.length > 1) expect(choice.agentId).not.toBe(task.failedBy);
          loads.set(choice.agentId, (loads.get(choice.agentId) ?? 0) + 1);
        }
        for (const { id, load } of all) expect(load).toBe(loads.get(id));
      }),
    );
  });
});

describe('capabilities', () => {
  test('a name asks for any version, a range for one within it', () => {
    const has = [
      { name: 'node', version: '24.1.0' },
      { name: 'ts', version: null },
      { name: 'pre', version: '2.0.0-rc.1' },
    ];
    const asked = (requirement: string) => satisfies(has, requirement);
    expect(['node', 'node@24', 'node@>=22 <25', 'node@^24.1', 'ts'].map(asked)).toEqual([true, true, true, true, true]);
    expect(['node@25', 'ts@*', 'ts@1', 'go', 'pre@2', 'node@nonsense'].map(asked)).toEqual(Array(6).fill(false));
    expect(asked('pre@2.0.0-rc.1')).toBe(true);
  });
});
