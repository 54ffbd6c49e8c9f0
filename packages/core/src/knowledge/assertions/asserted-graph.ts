import type { Executor } from '../../platform/database/index.ts';
import type { IngestParts } from '../ingest/ingest.ts';
import type { AssertedEntity, AssertedRelationship } from './asserted-item.ts';
import { findStaying, readAssertedEntities, readAssertedRelationships, readLastChanges } from './asserted-store.ts';
import { putEntity, putRelationship } from './put-asserted.ts';

/**
 * What people, agents and the API say of the graph: the part of it that rollback points hold and put back. What is derived from
 * files is no part of it: its files are put back, and it is read from them again.
 */
export class AssertedGraph {
  readonly #parts: IngestParts;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  getEntities(executor: Executor, projectId: string, ids?: readonly string[]): Promise<AssertedEntity[]> {
    return readAssertedEntities(executor, projectId, ids ?? null);
  }

  getRelationships(executor: Executor, projectId: string, ids?: readonly string[]): Promise<AssertedRelationship[]> {
    return readAssertedRelationships(executor, projectId, ids ?? null, this.#parts.clock.now());
  }

  /** @throws ROLLBACK_WRITE_STALE, VALIDATION_FAILED */
  putEntity(
    projectId: string,
    id: string,
    value: AssertedEntity | null,
    expected: AssertedEntity | null,
    actor: string,
  ): Promise<void> {
    return putEntity(this.#parts, projectId, { id, value, expected }, actor);
  }

  /** @throws ROLLBACK_WRITE_STALE, VALIDATION_FAILED */
  putRelationship(
    projectId: string,
    id: string,
    value: AssertedRelationship | null,
    expected: AssertedRelationship | null,
    actor: string,
  ): Promise<void> {
    return putRelationship(this.#parts, projectId, { id, value, expected }, actor);
  }

  /** When these last changed, ISO 8601, by id: gone ones too. */
  changedAt(
    projectId: string,
    kind: 'entity' | 'relationship',
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, string>> {
    return readLastChanges(this.#parts.database, projectId, kind, ids);
  }

  /** Whether a relationship of a point has ended by now by itself: such a one is not put back. */
  isOver({ validTo }: AssertedEntity): boolean {
    return typeof validTo === 'string' && new Date(validTo) <= this.#parts.clock.now();
  }

  /** Of these ids, those that relationships may lead to whatever becomes of people's word of them. */
  staying(projectId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    return findStaying(this.#parts.database, projectId, ids);
  }
}
