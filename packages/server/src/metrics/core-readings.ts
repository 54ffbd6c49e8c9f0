import { type Core, type PgDatabase, type RollbackTotals, SignalboxError } from '@signalbox/core';
import type { Metrics, Reading } from './metrics.ts';

/** Projects whose sessions are counted one by one; beyond it a scrape would cost too much. */
const PROJECTS = 100;
/** Queues that are told one by one, and where counting what is ready in one stops. */
const QUEUES = 100;
/** Budgets of a project that are told one by one. */
const BUDGETS = 100;
const READY_BOUND = 100_000;

/** How the pool of connections stands. */
export function observePool(metrics: Metrics, database: Pick<PgDatabase, 'connections'>): void {
  metrics.observe({
    name: 'signalbox_database_connections',
    help: 'Connections to the database that are open and idle, and calls that wait for one.',
    labels: ['state'],
    read: async () => Object.entries(database.connections).map(([state, value]) => ({ labels: { state }, value })),
  });
}

/** Numbers that are read from core at each scrape. They are left out while the database is away. */
export function observeCore(
  metrics: Metrics,
  core: Pick<Core, 'agents' | 'budgets' | 'feed' | 'locks' | 'projects' | 'queues' | 'rollback' | 'sessions'>,
  running: () => number,
): void {
  metrics.observe({
    name: 'signalbox_feed_unplaced',
    help: 'Committed changes that have no position in the feed yet.',
    read: () => whileThere(async () => [{ labels: {}, value: (await core.feed.lag()).unplaced }]),
  });
  metrics.observe({
    name: 'signalbox_feed_lag_seconds',
    help: 'Age of the oldest change without a position; 0 when there is none.',
    read: () => whileThere(async () => [{ labels: {}, value: (await core.feed.lag()).oldestSeconds ?? 0 }]),
  });
  metrics.observe({
    name: 'signalbox_running_sessions',
    help: 'Sessions that this node runs just now.',
    read: async () => [{ labels: {}, value: running() }],
  });
  metrics.observe({
    name: 'signalbox_queue_ready',
    help: 'Tasks that may be claimed now, of the first 100 queues; 100000 means so many or more.',
    labels: ['project', 'queue'],
    read: () =>
      whileThere(async () =>
        (await core.queues.depths(QUEUES, READY_BOUND)).map(({ project, queue, ready }) => ({
          labels: { project, queue },
          value: ready,
        })),
      ),
  });
  metrics.observe({
    name: 'signalbox_queue_oldest_ready_seconds',
    help: 'How long the oldest task that may be claimed has been waiting; 0 where there is none.',
    labels: ['project', 'queue'],
    read: () =>
      whileThere(async () =>
        (await core.queues.depths(QUEUES, 1)).map(({ project, queue, oldestSeconds }) => ({
          labels: { project, queue },
          value: oldestSeconds,
        })),
      ),
  });
  metrics.observe({
    name: 'signalbox_locks',
    help: 'Locks that are held and requests that wait for one, by project.',
    labels: ['project', 'state'],
    read: () =>
      whileThere(async () =>
        (await core.locks.counts()).flatMap(({ project, held, queued }) => [
          { labels: { project, state: 'held' }, value: held },
          { labels: { project, state: 'queued' }, value: queued },
        ]),
      ),
  });
  metrics.observe({
    name: 'signalbox_agents',
    help: 'Agents by project and status.',
    labels: ['project', 'status'],
    read: () =>
      whileThere(async () =>
        (await core.agents.counts()).map(({ project, status, agents }) => ({
          labels: { project, status },
          value: agents,
        })),
      ),
  });
  metrics.observe({
    name: 'signalbox_agent_capacity',
    help: 'What agents carry and could carry, by project; without the dead and those in maintenance.',
    labels: ['project', 'what'],
    read: () =>
      whileThere(async () => {
        const there = (await core.agents.counts()).filter(
          ({ status }) => status !== 'dead' && status !== 'maintenance',
        );
        const projects = Map.groupBy(there, ({ project }) => project);
        return [...projects].flatMap(([project, counts]) => [
          { labels: { project, what: 'load' }, value: counts.reduce((sum, { load }) => sum + load, 0) },
          { labels: { project, what: 'capacity' }, value: counts.reduce((sum, { capacity }) => sum + capacity, 0) },
        ]);
      }),
  });
  metrics.observe({
    name: 'signalbox_budget_limit',
    help: 'What the first 100 budgets of each project allow: tokens, USD, seconds of running, tool calls.',
    labels: ['project', 'budget', 'measure'],
    read: () => budgetFigures(core, 'limits'),
  });
  metrics.observe({
    name: 'signalbox_budget_spent',
    help: 'What is spent of budgets in their present period.',
    labels: ['project', 'budget', 'measure'],
    read: () => budgetFigures(core, 'spent'),
  });
  metrics.observe({
    name: 'signalbox_rollback_points',
    help: 'Rollback points that have not expired, by project.',
    labels: ['project'],
    read: () => rollbackFigures(core, (figures) => [{ labels: {}, value: figures.totalRollbackPoints }]),
  });
  metrics.observe({
    name: 'signalbox_rollbacks_ended',
    help: 'Rollbacks that ever completed or failed, by project; dry runs and cancelled ones are neither.',
    labels: ['project', 'outcome'],
    read: () =>
      rollbackFigures(core, (figures) => [
        { labels: { outcome: 'completed' }, value: figures.successfulRollbacks },
        { labels: { outcome: 'failed' }, value: figures.failedRollbacks },
      ]),
  });
  metrics.observe({
    name: 'signalbox_rollback_conflicts',
    help: 'Conflicts that rollbacks ever met, and those of them that were resolved, by project.',
    labels: ['project', 'what'],
    read: () =>
      rollbackFigures(core, (figures) => [
        { labels: { what: 'found' }, value: figures.conflictsFound },
        { labels: { what: 'resolved' }, value: figures.conflictsResolved },
      ]),
  });
  metrics.observe({
    name: 'signalbox_sessions',
    help: 'Live sessions by project and status.',
    labels: ['project', 'status'],
    read: () =>
      whileThere(async () => {
        const { items } = await core.projects.list(1, PROJECTS);
        const counted = items.map(async ({ id, slug }): Promise<Reading[]> => {
          const { statusDistribution } = await core.sessions.stats(id);
          return statusDistribution.map(({ status, count }) => ({ labels: { project: slug, status }, value: count }));
        });
        return (await Promise.all(counted)).flat();
      }),
  });
}

/** What budgets allow, or have spent, of each measure that they limit. */
function budgetFigures(core: Pick<Core, 'projects' | 'budgets'>, which: 'limits' | 'spent'): Promise<Reading[] | null> {
  return whileThere(async () => {
    const { items } = await core.projects.list(1, PROJECTS);
    const read = items.map(async ({ id, slug }) =>
      (await core.budgets.list(id, 1, BUDGETS)).items.flatMap((budget) =>
        Object.entries(budget[which])
          .filter(([measure]) => Object.hasOwn(budget.limits, measure))
          .map(([measure, value]) => ({ labels: { project: slug, budget: budget.name, measure }, value })),
      ),
    );
    return (await Promise.all(read)).flat();
  });
}

/** The figures of each project, with its slug as a label. */
function rollbackFigures(
  core: Pick<Core, 'projects' | 'rollback'>,
  readingsOf: (figures: RollbackTotals) => Reading[],
): Promise<Reading[] | null> {
  return whileThere(async () => {
    const { items } = await core.projects.list(1, PROJECTS);
    const read = items.map(async ({ id, slug }) =>
      readingsOf(await core.rollback.metrics(id)).map(({ labels, value }) => ({
        labels: { project: slug, ...labels },
        value,
      })),
    );
    return (await Promise.all(read)).flat();
  });
}

async function whileThere(read: () => Promise<Reading[]>): Promise<Reading[] | null> {
  try {
    return await read();
  } catch (error) {
    if (SignalboxError.is(error, 'DATABASE_UNAVAILABLE')) return null;
    throw error;
  }
}
