import { sql } from 'kysely';
import { type CamelRow, camelRow, type Executor, statement, type Transaction } from '../platform/database/index.ts';
import { type FieldTable, type ListQuery, type ListSource, type Page, readPage } from '../platform/query/index.ts';
import { COMMIT_STATUSES, type CommitRecord, commitRecordSchema } from './commit-record.ts';

const COLUMNS = `c.id, c.project_id, c.workspace_id, c.commit_hash, c.branch, c.title, c.description, c.author, c.changes, c.related_spec_id,
  c.test_results, c.validation_results, c.pull_request, c.labels, c.pr_url, c.provider, c.status, c.retry_attempts, c.provider_error,
  c.escalation_message, c.metadata, c.version, c.created_at, c.updated_at`;

/** All that lists of commits can be filtered and sorted by. */
export const COMMIT_FIELDS: FieldTable = {
  noun: 'commit',
  fields: {
    id: { kind: 'uuid', column: 'c.id' },
    workspaceId: { kind: 'uuid', column: 'c.workspace_id' },
    commitHash: { kind: 'text', column: 'c.commit_hash' },
    branch: { kind: 'text', column: 'c.branch' },
    relatedSpecId: { kind: 'text', column: 'c.related_spec_id', nullable: true },
    status: { kind: 'enum', column: 'c.status', values: COMMIT_STATUSES },
    createdAt: { kind: 'time', column: 'c.created_at' },
    updatedAt: { kind: 'time', column: 'c.updated_at' },
  },
  defaultSort: { by: 'createdAt', order: 'desc' },
  idColumn: 'c.id',
  deletedColumn: null,
};

const GET = statement(
  'source_commits.get',
  `SELECT ${COLUMNS} FROM source_commits c WHERE c.project_id = $1 AND c.id = $2`,
);
const INSERT = statement(
  'source_commits.insert',
  `INSERT INTO source_commits AS c (id, project_id, workspace_id, commit_hash, branch, title, description, author, changes,
     related_spec_id, test_results, validation_results, pull_request, labels, metadata, created_at, updated_at)
   VALUES ($2, $1, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11::jsonb, $12::jsonb, $13, $14::jsonb, $15::jsonb, $16, $16)
   RETURNING ${COLUMNS}`,
);
const MOVE = statement(
  'source_commits.move',
  `UPDATE source_commits AS c SET status = $4, pr_url = $5, provider = $6, retry_attempts = $7, provider_error = $8::jsonb,
     escalation_message = $9, version = version + 1, updated_at = $10
   WHERE c.project_id = $1 AND c.id = $2 AND c.version = $3 RETURNING ${COLUMNS}`,
);

export type NewCommit = Pick<
  CommitRecord,
  | 'id'
  | 'workspaceId'
  | 'commitHash'
  | 'branch'
  | 'title'
  | 'description'
  | 'author'
  | 'changes'
  | 'relatedSpecId'
  | 'testResults'
  | 'validationResults'
  | 'pullRequest'
  | 'labels'
  | 'metadata'
  | 'createdAt'
>;

/** What becomes of a commit. */
export type CommitMove = Pick<
  CommitRecord,
  'status' | 'prUrl' | 'provider' | 'retryAttempts' | 'providerError' | 'escalationMessage'
>;

/** As `pending`. */
export async function insertCommit(tx: Transaction, projectId: string, commit: NewCommit): Promise<CommitRecord> {
  const { validationResults } = commit;
  const [row] = await tx.query<CamelRow>(INSERT, [
    projectId,
    commit.id,
    commit.workspaceId,
    commit.commitHash,
    commit.branch,
    commit.title,
    commit.description,
    commit.author,
    JSON.stringify(commit.changes),
    commit.relatedSpecId,
    JSON.stringify(commit.testResults),
    validationResults === null ? null : JSON.stringify(validationResults),
    commit.pullRequest,
    JSON.stringify(commit.labels),
    JSON.stringify(commit.metadata),
    commit.createdAt,
  ]);
  return toCommit(row as CamelRow);
}

export async function getCommit(db: Executor, projectId: string, id: string): Promise<CommitRecord | null> {
  const [row] = await db.query<CamelRow>(GET, [projectId, id]);
  return row ? toCommit(row) : null;
}

/** Null where it is not at this version any more. */
export async function moveCommit(
  tx: Transaction,
  { projectId, id, version }: CommitRecord,
  to: CommitMove,
  at: string,
): Promise<CommitRecord | null> {
  const error = to.providerError === null ? null : JSON.stringify(to.providerError);
  const values = [
    projectId,
    id,
    version,
    to.status,
    to.prUrl,
    to.provider,
    to.retryAttempts,
    error,
    to.escalationMessage,
    at,
  ];
  const [row] = await tx.query<CamelRow>(MOVE, values);
  return row ? toCommit(row) : null;
}

export async function pageCommits(db: Executor, projectId: string, query: ListQuery): Promise<Page<CommitRecord>> {
  const source: ListSource = {
    label: 'source_commits.list',
    table: COMMIT_FIELDS,
    columns: sql.raw(COLUMNS),
    from: sql.raw('source_commits c'),
    scope: sql`c.project_id = ${projectId}::uuid`,
  };
  return readPage(db, source, query, toCommit);
}

/** The one place where a row becomes a commit; unknown columns are left out. */
function toCommit(row: CamelRow): CommitRecord {
  return commitRecordSchema.parse(camelRow(row));
}
