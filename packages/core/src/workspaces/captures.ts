import { join } from 'node:path';
import type { Clock } from '../platform/clock/clock.ts';
import { CaptureRepository } from './capture/index.ts';
import type { Workspace } from './workspace.ts';

/** The private stores of all workspaces on this node, below one directory. */
export class Captures {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #repositories = new Map<string, CaptureRepository>();

  /** @param parts.directory where the stores are kept; made when first needed. */
  constructor(parts: { directory: string; clock: Clock }) {
    this.#directory = parts.directory;
    this.#clock = parts.clock;
  }

  /** The store of a workspace: one object per workspace, so that captures of it form one serial chain. */
  of(workspace: Pick<Workspace, 'id' | 'path'>): CaptureRepository {
    let repository = this.#repositories.get(workspace.id);
    if (!repository) {
      repository = new CaptureRepository({
        workspaceId: workspace.id,
        workspacePath: workspace.path,
        gitDir: join(this.#directory, `${workspace.id}.git`),
        nowNs: () => BigInt(this.#clock.now().getTime()) * 1_000_000n,
      });
      this.#repositories.set(workspace.id, repository);
    }
    return repository;
  }
}
