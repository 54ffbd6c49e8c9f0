import type { RunnableConfig } from '@langchain/core/runnables';
import { Annotation, Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { type Checkpoint, emptyCheckpoint, uuid6 } from '@langchain/langgraph-checkpoint';
import { Threads } from '@signalbox/core';
import { describeOnBackends, insertTestProject, type TestDatabase } from '@signalbox/core/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { inCore, SignalboxSaver } from './index.ts';

const CASES = Number(process.env.SIGNALBOX_CASES ?? 200);

describeOnBackends('SignalboxSaver', (backend) => {
  let opened: TestDatabase;
  let threads: Threads;
  let projectId: string;
  let saver: SignalboxSaver;
  beforeAll(async () => {
    opened = await backend.open();
    threads = new Threads({ database: opened.database });
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    projectId = await insertTestProject(opened.database);
    saver = new SignalboxSaver({ backend: inCore(threads, { projectId }) });
  });

  const put = (config: RunnableConfig, values: Record<string, unknown>, changed: string[], before?: Checkpoint) => {
    const channel_versions = { ...before?.channel_versions };
    for (const channel of changed) {
      const current = Object.hasOwn(channel_versions, channel) ? Number(channel_versions[channel]) : undefined;
      channel_versions[channel] = saver.getNextVersion(current);
    }
    const checkpoint = { ...emptyCheckpoint(), id: uuid6(1), channel_values: values, channel_versions };
    const newVersions = Object.fromEntries(changed.map((channel) => [channel, channel_versions[channel] ?? 0]));
    const metadata = { source: 'loop' as const, step: 1, parents: {} };
    return saver.put(config, checkpoint, metadata, newVersions).then((saved) => ({ saved, checkpoint }));
  };

  it('gives every value back as it was, kinds that JSON has not included', { timeout: 240_000 }, async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.uint8Array({ maxLength: 9_500 }),
      fc.date({ noInvalidDate: true }).map((date) => new Map([['at', date.toISOString()]])),
      fc.constant(new Set([1, 'a'])),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.string({ maxLength: 8 }).filter((name) => !name.includes('\0') && name !== '__proto__'),
          value,
          { maxKeys: 5 },
        ),
        async (values) => {
          const config = { configurable: { thread_id: uuid6(2) } };
          const { saved, checkpoint } = await put(config, values, Object.keys(values));
          const tuple = await saver.getTuple(saved);
          const expected = await Promise.all(
            Object.entries(values).map(async ([name, one]) => {
              const [type, bytes] = await saver.serde.dumpsTyped(one);
              return [name, await saver.serde.loadsTyped(type, bytes)];
            }),
          );
          expect(tuple?.checkpoint).toEqual({ ...checkpoint, channel_values: Object.fromEntries(expected) });
        },
      ),
      { numRuns: Math.ceil(CASES / (backend.name === 'pglite' ? 20 : 5)) },
    );
  });

  it('keeps the values of two branches apart that go on from one checkpoint', async () => {
    const config = { configurable: { thread_id: 'forked' } };
    const root = await put(config, { a: 'root', b: 'kept' }, ['a', 'b']);
    const left = await put(root.saved, { a: 'left', b: 'kept' }, ['a'], root.checkpoint);
    const right = await put(root.saved, { a: 'right', b: 'kept' }, ['a'], root.checkpoint);
    for (const [{ saved }, a] of [
      [root, 'root'],
      [left, 'left'],
      [right, 'right'],
    ] as const) {
      expect((await saver.getTuple(saved))?.checkpoint.channel_values).toEqual({ a, b: 'kept' });
    }
  });

  it('adds less than a hundredth of the state where nothing has changed', async () => {
    const longest = new SignalboxSaver({ backend: inCore(threads, { projectId }), random: (below) => below - 1 });
    const values = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`channel${n}`, 'x'.repeat(10_000)]));
    const channel_versions = Object.fromEntries(Object.keys(values).map((name) => [name, longest.getNextVersion(0)]));
    const versions_seen = { __input__: {}, agent: channel_versions };
    let config: RunnableConfig = { configurable: { thread_id: 'unchanged' } };
    for (let step = 0; step < 3; step += 1) {
      const checkpoint = {
        ...emptyCheckpoint(),
        id: uuid6(step),
        channel_values: values,
        channel_versions,
        versions_seen,
      };
      const metadata = { source: 'loop' as const, step: 999, parents: {} };
      config = await longest.put(config, checkpoint, metadata, step === 0 ? channel_versions : {});
    }
    const [row] = await opened.database.query<{ bytes: number }>(
      {
        name: '',
        text: `SELECT max(pg_column_size(c.*)) AS bytes FROM thread_checkpoints c JOIN threads t ON t.id = c.thread
         WHERE t.project_id = $1 AND c.holds IS NULL`,
      },
      [projectId],
    );
    // Of a page and its index ten rows of this length leave room within a hundredth of 100,000 bytes, nine would not.
    expect(row?.bytes).toBeLessThanOrEqual(784);
    expect((await longest.getTuple(config))?.checkpoint.channel_values).toEqual(values);
  });

  it('gives ever greater versions, whatever came before', () => {
    fc.assert(
      fc.property(fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }), (current) => {
        const next = saver.getNextVersion(current);
        expect(next).toBeGreaterThan(current ?? 0);
        expect(Math.floor(next)).toBe(Math.floor(current ?? 0) + 1);
      }),
    );
  });

  const State = Annotation.Root({
    log: Annotation<string[]>({ reducer: (a, b) => [...a, ...b], default: () => [] }),
    approved: Annotation<boolean>(),
  });
  const graph = (runs: string[], within?: SignalboxSaver) =>
    new StateGraph(State)
      .addNode('plan', () => {
        runs.push('plan');
        return { log: ['planned'] };
      })
      .addNode('ask', () => {
        const approved: boolean = interrupt('May I?');
        runs.push('ask');
        return { log: [approved ? 'allowed' : 'refused'], approved };
      })
      .addEdge(START, 'plan')
      .addEdge('plan', 'ask')
      .addEdge('ask', END)
      .compile({ checkpointer: within ?? saver });

  it.each(['sync', 'async', 'exit'] as const)(
    'lets another process go on with an interrupted graph [%s]',
    async (durability) => {
      const runs: string[] = [];
      const config = { configurable: { thread_id: `resumed-${durability}` }, durability };
      await graph(runs).invoke({ log: ['started'] }, config);
      expect((await graph([]).getState(config)).next).toEqual(['ask']);
      const elsewhere = new SignalboxSaver({
        backend: inCore(new Threads({ database: opened.database }), { projectId }),
      });
      const result = await graph(runs, elsewhere).invoke(new Command({ resume: true }), config);
      expect(result).toEqual({ log: ['started', 'planned', 'allowed'], approved: true });
      expect(runs).toEqual(['plan', 'ask']);
    },
  );

  it('goes back in time and on from there, and leaves the other branch as it was', async () => {
    const config = { configurable: { thread_id: 'history' } };
    const compiled = graph([]);
    await compiled.invoke({ log: ['started'] }, config);
    await compiled.invoke(new Command({ resume: false }), config);
    const history = [];
    for await (const state of compiled.getStateHistory(config)) history.push(state);
    const asked = history.find(({ next }) => next[0] === 'ask');
    if (!asked) throw new Error('the graph never asked');
    const refused = await compiled.getState(config);
    const again = await compiled.updateState(asked.config, { log: ['edited'] }, 'plan');
    expect((await compiled.getState(again)).values.log).toEqual(['started', 'planned', 'edited']);
    expect((await compiled.getState(refused.config)).values.log).toEqual(['started', 'planned', 'refused']);
    await saver.deleteThread('history');
    expect(await saver.getTuple(config)).toBeUndefined();
  });

  it('goes on after its history was pruned', async () => {
    const config = { configurable: { thread_id: 'pruned' } };
    await graph([]).invoke({ log: ['started'] }, config);
    const { checkpoints } = await threads.prune(projectId, { keepLast: 1 }, 'tester');
    expect(checkpoints).toBeGreaterThan(0);
    const result = await graph([]).invoke(new Command({ resume: true }), config);
    expect(result.log).toEqual(['started', 'planned', 'allowed']);
  });
});
