import { join } from 'node:path';
import type { Clock } from '../platform/clock/clock.ts';
import type { Database } from '../platform/database/index.ts';
import type { Ids } from '../platform/ids/ids.ts';
import { type CaptureLimits, CaptureRepository } from './capture/index.ts';
import { type OnChanges, WorkspaceChain } from './chain/index.ts';
import type { Workspace } from './workspace.ts';

type Place = Pick<Workspace, 'id' | 'projectId' | 'path'>;

interface CapturesParts {
  directory: string;
  database: Database;
  clock: Clock;
  ids: Ids;
  limits?: CaptureLimits;
  /** Told which paths were found changed, once that is committed. */
  onChanges?: OnChanges;
}

/** The private stores and the chains of all workspaces on this node, below one directory. */
export class Captures {
  readonly directory: string;
  readonly #parts: CapturesParts;
  /** One object per workspace, so that captures of it queue. */
  readonly #repositories = new Map<string, CaptureRepository>();
  readonly #chains = new Map<string, WorkspaceChain>();

  /** @param parts.directory where the stores are kept; made when first needed. */
  constructor(parts: CapturesParts) {
    this.directory = parts.directory;
    this.#parts = parts;
  }

  /** The private store of a workspace. */
  of(workspace: Pick<Workspace, 'id' | 'path'>): CaptureRepository {
    const { directory, clock, ids, limits } = this.#parts;
    const there = this.#repositories.get(workspace.id);
    if (there) return there;
    const repository = new CaptureRepository({
      workspaceId: workspace.id,
      workspacePath: workspace.path,
      gitDir: join(directory, `${workspace.id}.git`),
      name: ids.uuid(),
      nowNs: () => BigInt(clock.now().getTime()) * 1_000_000n,
      ...(limits ? { limits } : {}),
    });
    this.#repositories.set(workspace.id, repository);
    return repository;
  }

  /** The serial chain of a workspace's captures. */
  chain(workspace: Place): WorkspaceChain {
    const there = this.#chains.get(workspace.id);
    if (there) return there;
    const { database, clock, ids, onChanges } = this.#parts;
    const found = onChanges ? { onChanges } : {};
    const chain = new WorkspaceChain({ database, clock, ids, repository: this.of(workspace), workspace, ...found });
    this.#chains.set(workspace.id, chain);
    return chain;
  }
}
