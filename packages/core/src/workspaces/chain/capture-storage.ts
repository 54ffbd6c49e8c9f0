import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database } from '../../platform/database/index.ts';
import { uuidSchema } from '../../platform/ids/ids.ts';
import type { Captures } from '../captures.ts';
import type { Workspaces } from '../workspaces.ts';
import { countCaptures, giveUpOld, giveUpOldestSession, keptTrees, workspacesAmong } from './capture-storage-store.ts';

/** What the captures of one workspace take. */
export const captureStorageSchema = z.object({
  workspaceId: z.string(),
  /** On the disk of the node that answers. */
  bytes: z.int().nonnegative(),
  /** In the chain, and those of them whose files were given up. */
  captures: z.int().nonnegative(),
  pruned: z.int().nonnegative(),
  /** When the oldest that is kept, and the newest, were taken. */
  oldestAt: z.iso.datetime().nullable(),
  newestAt: z.iso.datetime().nullable(),
});
export type CaptureStorage = z.infer<typeof captureStorageSchema>;

/** How long captures live, and how much those of one workspace may take. */
export interface CaptureRetention {
  days: number;
  bytes: number;
}

/** Names trees of a workspace that somebody still refers to: they are kept, however old. */
export type TreeKeeper = (projectId: string, workspaceId: string) => Promise<readonly string[]>;

/** Sessions given up in one go for the sake of space, at most. */
const MOST_SESSIONS = 1_000;

/** Bounds what captures take on this node: by age, then by size, the session that finished first going first. */
export class CaptureStores {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #workspaces: Pick<Workspaces, 'get'>;
  readonly #captures: Captures;
  readonly #keepers: TreeKeeper[] = [];

  constructor(parts: { database: Database; clock: Clock; workspaces: Pick<Workspaces, 'get'>; captures: Captures }) {
    this.#database = parts.database;
    this.#clock = parts.clock;
    this.#workspaces = parts.workspaces;
    this.#captures = parts.captures;
  }

  /** Has another room name the trees that it needs. */
  keepAlso(keeper: TreeKeeper): void {
    this.#keepers.push(keeper);
  }

  /** @throws WORKSPACE_NOT_FOUND */
  async usage(projectId: string, workspaceId: string): Promise<CaptureStorage> {
    const workspace = await this.#workspaces.get(projectId, workspaceId);
    const { captures, pruned, oldest, newest } = await countCaptures(this.#database, projectId, workspaceId);
    const bytes = await this.#captures.of(workspace).size();
    const [oldestAt, newestAt] = [oldest?.toISOString() ?? null, newest?.toISOString() ?? null];
    return { workspaceId, bytes, captures, pruned, oldestAt, newestAt };
  }

  /** Packs every store on this node and brings it within its bounds. */
  async prune(retention: CaptureRetention): Promise<void> {
    const { known } = await this.stores();
    for (const workspace of known) await this.#pruneOne(workspace, retention);
  }

  /** The stores on this node: those of workspaces, and the names of those that belong to none. */
  async stores() {
    const names = await readdir(this.#captures.directory).catch(() => []);
    const ids = names.flatMap((name) => {
      const id = name.endsWith('.git') ? uuidSchema.safeParse(name.slice(0, -'.git'.length)) : null;
      return id?.success ? [id.data] : [];
    });
    const known = ids.length === 0 ? [] : await workspacesAmong(this.#database, ids);
    const strays = names.filter((name) => !known.some(({ id }) => name === `${id}.git`));
    return { known, strays };
  }

  async #pruneOne(
    workspace: { id: string; projectId: string; path: string },
    { days, bytes }: CaptureRetention,
  ): Promise<void> {
    const { id, projectId } = workspace;
    const now = this.#clock.now();
    await giveUpOld(this.#database, projectId, id, now, new Date(now.getTime() - days * 24 * 3_600_000));
    const repository = this.#captures.of(workspace);
    for (let sessions = 0; sessions < MOST_SESSIONS; sessions += 1) {
      // Read while no capture is taken here: what is new by then is in the list or too young to go.
      await repository.pack(async () => {
        const named = await Promise.all(this.#keepers.map((keeper) => keeper(projectId, id)));
        return [...(await keptTrees(this.#database, projectId, id)), ...named.flat()];
      });
      if ((await repository.size()) <= bytes) return;
      if ((await giveUpOldestSession(this.#database, projectId, id, now)) === 0) return;
    }
  }
}
