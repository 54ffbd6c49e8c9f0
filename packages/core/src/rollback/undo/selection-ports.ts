/** When a rollback point was made, as a selection needs it. */
export interface PointMoment {
  /** Whose files it holds; null for a point without. */
  workspaceId: string | null;
  /** Its place in that workspace's chain of captures, where it has one. */
  position: number | null;
  /** ISO 8601. */
  at: string;
}

/** The points that changes can be selected since. @throws ROLLBACK_NOT_FOUND, ROLLBACK_EXPIRED */
export type PointMoments = (projectId: string, pointId: string) => Promise<PointMoment>;

/**
 * Which files hold entities of the code, or held them when the workspace's captures were taken: the knowledge graph knows. Of an
 * entity that it does not know, nothing is answered.
 */
export interface EntityFiles {
  filesOf(
    projectId: string,
    workspaceId: string,
    entityIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>;
}
