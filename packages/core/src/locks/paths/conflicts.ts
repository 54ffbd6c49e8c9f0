import { recordAudit } from '../../audit/index.ts';
import type { Clock } from '../../platform/clock/clock.ts';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { SignalboxError } from '../../platform/errors/index.ts';
import { recordFeed } from '../../platform/feed/index.ts';
import type { Ids } from '../../platform/ids/ids.ts';
import type { ListQuery, Page } from '../../platform/query/index.ts';
import { matcher } from './claim-path.ts';
import type { Conflict } from './conflict.ts';
import { pageConflicts } from './conflict-list-store.ts';
import {
  acknowledgeConflict,
  closeWindow,
  conflictsById,
  getConflict,
  noteTouches,
  openWindow,
  otherAuthors,
  otherTouches,
  type SeenConflict,
  seeConflicts,
} from './conflict-store.ts';
import type { PathClaim } from './path-claim.ts';
import { claimingSession, claimsOfWorkspace, holdDomain } from './path-claim-store.ts';
import { warnSessions } from './warn-sessions.ts';

/** Who writes: a run in its workspace. Paths are real names relative to it. */
export interface Writer {
  workspaceId: string;
  sessionId: string;
  /** Fencing token of the run; a run that is not the session's any more writes for nobody. */
  runToken: number;
}

type Sighting = Omit<SeenConflict, 'id'>;

/** Where live sessions get into each other's way, and that both are told of it. */
export class Conflicts {
  readonly #parts: { database: Database; clock: Clock; ids: Ids };

  constructor(parts: { database: Database; clock: Clock; ids: Ids }) {
    this.#parts = parts;
  }

  /** A tool call names what it writes. Warns both sides where another live session has written it, or has it claimed. */
  async writes(projectId: string, writer: Writer, paths: readonly string[]): Promise<void> {
    await this.#observe(projectId, writer, async (tx) => {
      await noteTouches(tx, projectId, { ...writer, paths, named: true });
      return this.#sightings(tx, projectId, writer, paths);
    });
  }

  /** A call begins that may write anything: what is found changed when it ends may be its doing. */
  async opens(projectId: string, { workspaceId, sessionId }: Writer, callId: string): Promise<void> {
    await openWindow(this.#parts.database, projectId, workspaceId, sessionId, callId);
  }

  /**
   * What was found changed around such a call. It is the call's doing where nobody else can have done it: a path that
   * another session's call has named meanwhile is that one's, and while several such calls are open nobody knows
   * (design.md §5). What somebody has claimed and cannot have written himself is a conflict whoever it was.
   */
  async changed(projectId: string, writer: Writer, callId: string, paths: readonly string[]): Promise<void> {
    await this.#observe(projectId, writer, async (tx) => {
      const others = await otherAuthors(tx, projectId, { ...writer, callId, paths });
      const unnamed = paths.filter((path) => !others.namedPaths.has(path));
      if (others.sessionIds.size === 0) await noteTouches(tx, projectId, { ...writer, paths: unnamed, named: false });
      const sightings = await this.#sightings(tx, projectId, writer, unnamed);
      return sightings.filter(({ kind, otherSessionId }) =>
        kind === 'claim' ? !others.sessionIds.has(otherSessionId) : others.sessionIds.size === 0,
      );
    });
  }

  async closes(projectId: string, { sessionId }: Writer, callId: string): Promise<void> {
    await closeWindow(this.#parts.database, projectId, sessionId, callId);
  }

  /** A page of the project's conflicts, or of one session's; see `CONFLICT_FIELDS`. */
  list(projectId: string, query: ListQuery = {}, sessionId: string | null = null): Promise<Page<Conflict>> {
    return pageConflicts(this.#parts.database, projectId, query, sessionId);
  }

  /** @throws CONFLICT_NOT_FOUND */
  async get(projectId: string, id: string): Promise<Conflict> {
    const conflict = await getConflict(this.#parts.database, projectId, id);
    if (!conflict) throw new SignalboxError('CONFLICT_NOT_FOUND', { id });
    return conflict;
  }

  /** Those of some that there are, by id. */
  some(projectId: string, ids: readonly string[]): Promise<Conflict[]> {
    return conflictsById(this.#parts.database, projectId, ids);
  }

  /** Somebody has seen it. The first one's name stays. @throws CONFLICT_NOT_FOUND */
  async acknowledge(projectId: string, id: string, actor: string): Promise<Conflict> {
    const { database, ids } = this.#parts;
    return database.transaction(async (tx) => {
      const done = await acknowledgeConflict(tx, projectId, id, actor);
      if (!done) {
        const known = await getConflict(tx, projectId, id);
        if (!known) throw new SignalboxError('CONFLICT_NOT_FOUND', { id });
        return known;
      }
      const { path, sessionIds } = done;
      const subject = { subjectType: 'conflict', subjectId: id, details: { path, sessionIds } };
      await recordAudit(tx, projectId, { actor, action: 'conflict.acknowledge', ...subject }, ids);
      await recordFeed(tx, projectId, 'conflict', { conflictId: id, change: 'acknowledged', path, sessionIds });
      return done;
    });
  }

  /** Tells of conflicts whose finder could not, in all projects. Answers how many. */
  warnPending(): Promise<number> {
    return this.#parts.database.transaction((tx) => warnSessions(tx, this.#parts, null), { retries: 3 });
  }

  /** Looks under the domain's row, so that of two who write the same at once one sees the other; then warns. */
  async #observe(projectId: string, writer: Writer, look: (tx: Transaction) => Promise<Sighting[]>): Promise<void> {
    const { database, ids } = this.#parts;
    const fresh = await database.transaction(
      async (tx) => {
        const { workspaceId, sessionId, runToken } = writer;
        if (!(await holdDomain(tx, projectId, workspaceId))) return [];
        // Of a run that has ended nothing may stay behind.
        if ((await claimingSession(tx, projectId, sessionId))?.runToken !== runToken) return [];
        const seen = (await look(tx)).map((sighting) => ({ ...sighting, id: ids.uuid() }));
        return seen.length === 0 ? [] : seeConflicts(tx, projectId, workspaceId, sessionId, seen);
      },
      { retries: 3 },
    );
    if (fresh.length === 0) return;
    await database.transaction((tx) => warnSessions(tx, this.#parts, fresh), { retries: 3 });
  }

  /** Whose claims the paths fall under, and who else has written them. What the session has claimed itself is its own. */
  async #sightings(tx: Transaction, projectId: string, writer: Writer, paths: readonly string[]): Promise<Sighting[]> {
    const claims = (await claimsOfWorkspace(tx, projectId, writer.workspaceId)).filter(
      ({ status }) => status === 'held',
    );
    const broken = paths.flatMap((path) =>
      holdersOfPath(claims, writer.sessionId, path).map((otherSessionId) => ({
        path,
        kind: 'claim' as const,
        otherSessionId,
      })),
    );
    const free = paths.filter((path) => !isOwn(claims, writer.sessionId, path));
    const touches = await otherTouches(tx, projectId, writer.workspaceId, writer.sessionId, free);
    const met = touches
      .filter(({ path, sessionId }) => !broken.some((one) => one.path === path && one.otherSessionId === sessionId))
      .map(({ path, sessionId }) => ({ path, kind: 'touch' as const, otherSessionId: sessionId }));
    return [...broken, ...met];
  }
}

/** A claim for the duration of one call is no agreement between sessions, only good order between two writes. */
const isAgreement = ({ origin }: PathClaim) => origin !== 'call';

/** Other sessions in whose claims a path lies. */
function holdersOfPath(claims: readonly PathClaim[], sessionId: string, path: string): string[] {
  const holders = claims.filter((claim) => claim.sessionId !== sessionId && isAgreement(claim) && names(claim, path));
  return [...new Set(holders.map((claim) => claim.sessionId))];
}

function isOwn(claims: readonly PathClaim[], sessionId: string, path: string): boolean {
  return claims.some(
    (claim) => claim.sessionId === sessionId && claim.mode === 'exclusive' && isAgreement(claim) && names(claim, path),
  );
}

function names({ paths }: PathClaim, path: string): boolean {
  return paths.some((claimed) => matcher(claimed)(path));
}
