import { type Agents, getAgentSettings } from '../../agents/index.ts';
import type { Database, Executor } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { findProject, type Project, type Projects } from '../../projects/index.ts';
import { getQueues, listQueueNames, type Queues } from '../../tasks/index.ts';
import { checkExpected } from './graph-port.ts';
import { itemData, itemsIn, type StateItem, type StatePort } from './state-port.ts';

/** One group of settings: how it is read, and how it is written over the version that was read. */
interface Settings {
  value: unknown;
  modifiedAt: string | null;
  write(value: unknown, actor: string): Promise<unknown>;
}

const PROJECT = 'project';
const AGENTS = 'agents';
const QUEUE = 'queue:';
const NO_LIMITS = { maxConcurrent: null, maxConcurrentPerKey: null, rate: null };

export interface ConfigurationRooms {
  database: Database;
  projects: Pick<Projects, 'update'>;
  agents: Pick<Agents, 'configure'>;
  queues: Pick<Queues, 'update'>;
}

/**
 * How a project is set up: `config:project` (its settings, the policy for paths among them), `config:agents`, and the limits
 * of each queue that has some, as `config:queue:<name>`. Written by the verbs of their rooms.
 */
export function configurationPort(rooms: ConfigurationRooms): StatePort {
  const { database } = rooms;
  return {
    type: 'configuration',
    appliesTo: () => true,
    async capture(executor, { projectId }) {
      const queues = (await listQueueNames(executor, projectId)).map((name) => `${QUEUE}${name}`);
      return itemData(await items(executor, rooms, projectId, [PROJECT, AGENTS, ...queues]));
    },
    itemsOf: async (_scope, data) => itemsIn(data),
    async read({ projectId }, keys) {
      return new Map((await items(database, rooms, projectId, keys)).map(({ key, value }) => [key, value]));
    },
    async write({ projectId }, { key, value, expected }, actor) {
      const settings = await settingsOf(database, rooms, projectId, key);
      if (!settings) throw new SignalboxError('VALIDATION_FAILED', { reason: `there is no setting "${key}"` });
      checkExpected(`config:${key}`, present(key, settings.value), expected);
      await settings.write(value ?? NO_LIMITS, actor).catch((error: unknown) => {
        if (!SignalboxError.is(error, 'OPTIMISTIC_LOCK')) throw error;
        throw new SignalboxError('ROLLBACK_WRITE_STALE', { path: `config:${key}` }, { cause: error });
      });
    },
  };
}

async function items(
  executor: Executor,
  rooms: ConfigurationRooms,
  projectId: string,
  keys: readonly string[],
): Promise<StateItem[]> {
  const found: StateItem[] = [];
  for (const key of keys) {
    const settings = await settingsOf(executor, rooms, projectId, key);
    const value = settings && present(key, settings.value);
    if (!settings || value === undefined) continue;
    found.push({ key, value, ...(settings.modifiedAt !== null && { modifiedAt: settings.modifiedAt }) });
  }
  return found;
}

/** A queue without limits is as if nothing had ever been set about it. */
function present(key: string, value: unknown): unknown {
  const unlimited = key.startsWith(QUEUE) && Object.values(value as object).every((limit) => limit === null);
  return unlimited ? undefined : value;
}

async function settingsOf(
  executor: Executor,
  rooms: ConfigurationRooms,
  projectId: string,
  key: string,
): Promise<Settings | null> {
  if (key === PROJECT) return projectSettings(executor, rooms, projectId);
  if (key === AGENTS) return agentSettings(executor, rooms, projectId);
  return key.startsWith(QUEUE) ? queueLimits(executor, rooms, projectId, key.slice(QUEUE.length)) : null;
}

async function projectSettings(
  executor: Executor,
  { projects }: ConfigurationRooms,
  projectId: string,
): Promise<Settings | null> {
  const project = await findProject(executor, projectId);
  if (!project) return null;
  return {
    value: project.settings,
    modifiedAt: project.updatedAt,
    write: (value, actor) =>
      projects.update(projectId, project.version, { settings: value as Project['settings'] }, actor),
  };
}

async function agentSettings(
  executor: Executor,
  { agents }: ConfigurationRooms,
  projectId: string,
): Promise<Settings | null> {
  const settings = await getAgentSettings(executor, projectId);
  if (!settings) return null;
  const { projectId: _, version, updatedAt, ...value } = settings;
  return {
    value,
    modifiedAt: updatedAt,
    write: (wanted, actor) => agents.configure(projectId, wanted as typeof value, actor, version),
  };
}

async function queueLimits(
  executor: Executor,
  { queues }: ConfigurationRooms,
  projectId: string,
  name: string,
): Promise<Settings | null> {
  const [queue] = await getQueues(executor, projectId, [name]);
  if (!queue) return null;
  const { maxConcurrent, maxConcurrentPerKey, rate, version, updatedAt } = queue;
  return {
    value: { maxConcurrent, maxConcurrentPerKey, rate },
    modifiedAt: updatedAt,
    write: (value, actor) => queues.update(projectId, name, version, value as typeof NO_LIMITS, actor),
  };
}
