/**
 * Every error that core can raise: a stable code, the HTTP status it maps to, and a message that says what to do next.
 * `{name}` in a message is filled from the error's details. One table for the package; rooms add rows here.
 */
export const ERROR_TABLE = {
  // input
  VALIDATION_FAILED: { status: 400, message: 'The input is not valid: {reason}. Correct it and send it again.' },
  UNKNOWN_FIELD: { status: 400, message: 'There is no field "{field}" here. Known: {known}.' },
  UNKNOWN_FILTER: { status: 400, message: 'There is no filter "{filter}" here. {hint}Known fields: {known}.' },
  UNKNOWN_OPERATOR: {
    status: 400,
    message: 'The filter "{filter}" does not know the operator "{operator}". Known: {known}.',
  },
  UNKNOWN_SORT_KEY: { status: 400, message: 'Lists of {noun} cannot be sorted by "{key}". Known: {known}.' },
  INVALID_STATUS: { status: 400, message: '"{status}" is not a {noun} status. Known: {known}.' },
  PAGE_OUT_OF_RANGE: { status: 400, message: '{name} must be between {min} and {max}, not {value}.' },
  INVALID_CURSOR: { status: 400, message: 'The cursor was not made by this list. Start again without one.' },

  // platform
  DATABASE_UNAVAILABLE: {
    status: 503,
    message: 'The database cannot be reached just now. Nothing was changed; try again shortly.',
  },
  OUTCOME_UNKNOWN: {
    status: 503,
    message:
      'The connection broke while the change was being committed; it may or may not have been made. Read it back before trying again.',
  },
  OVERLOADED: { status: 503, message: 'Too many calls of "{verb}" are waiting ({waiting}). Slow down and try again.' },
  OPTIMISTIC_LOCK: {
    status: 412,
    message: 'The {noun} {id} is at version {expected}, you sent {received}. Read it again and repeat your change.',
  },
  SERIALIZATION_FAILED: { status: 409, message: 'Another transaction got in the way. Nothing was changed; try again.' },
  REPOSITORY_ERROR: {
    status: 500,
    message: 'The database refused a statement: {reason}. This is a defect; please report it with the trace id.',
  },
  BATCHED_CALL_IN_TRANSACTION: {
    status: 500,
    message: '"{verb}" was called in its batched form inside a transaction. Pass the transaction to it.',
  },
  UNSUPPORTED_DATABASE: {
    status: 500,
    message: 'This is PostgreSQL {version}; Signalbox needs 15 or newer. Point DATABASE_URL at a newer server.',
  },
  MIGRATION_FAILED: { status: 500, message: 'Migration {name} failed and was rolled back: {reason}.' },
  MIGRATION_UNKNOWN_REVISION: {
    status: 500,
    message:
      'The database holds migration {name}, which this version does not know. Run the version that made it, or restore a backup.',
  },
  MIGRATION_PENDING: { status: 503, message: 'The database lacks {count} migration(s). Run `signalbox migrate up`.' },
  SCHEMA_DRIFT: {
    status: 500,
    message: 'The database differs from what the migrations make: {difference}. Run `signalbox doctor`.',
  },
  DATA_DIRECTORY_IN_USE: {
    status: 409,
    message: 'The data directory {dir} is used by {holder}. Stop it, or choose another with SIGNALBOX_DATA_DIR.',
  },
  DATA_DIRECTORY_UNUSABLE: { status: 500, message: 'The data directory {dir} cannot be used: {reason}. {advice}' },
  DATA_DIRECTORY_OTHER_MAJOR: {
    status: 500,
    message: 'The data directory {dir} was made by PostgreSQL {found}; this version runs {expected}. {advice}',
  },
  ARCHIVE_INVALID: { status: 400, message: '{file} is not a usable archive: {reason}.' },
  ARCHIVE_EXISTS: { status: 409, message: 'There is a file {file} already. Choose another name, or remove it.' },
  ARCHIVE_NOT_WRITTEN: {
    status: 500,
    message: 'The archive {file} could not be written: {reason}. Free some space or choose another place.',
  },
  ARCHIVE_NOT_RECEIVED: {
    status: 503,
    message: 'The archive {file} did not arrive whole: {reason}. Nothing was kept of it; try again.',
  },
  ARCHIVE_REVISION: {
    status: 409,
    message: 'The archive was made at schema revision {found}, the database is at {expected}. {advice}',
  },
  TARGET_NOT_EMPTY: {
    status: 409,
    message:
      'The database holds data already (in {tables}). Import into an empty one: a new data directory, or a new database on the server.',
  },
  CONFIGURATION_INVALID: { status: 500, message: 'The setting {key} (from {origin}) is not valid: {reason}.' },
  CONFIGURATION_UNKNOWN_KEY: {
    status: 500,
    message: 'There is no setting "{key}" (from {origin}). Known: {known}.',
  },

  // projects and keys
  PROJECT_NOT_FOUND: {
    status: 404,
    message: 'There is no project "{project}". List them with `signalbox projects list`.',
  },
  PROJECT_EXISTS: { status: 409, message: 'There is a project "{slug}" already. Choose another slug.' },
  KEY_NOT_FOUND: { status: 404, message: 'There is no key {id} in this project.' },
  KEY_REVOKED: {
    status: 409,
    message: 'The key {id} is revoked and stays so. Make a new one with `signalbox keys create`.',
  },
  BROWSER_SESSION_NOT_FOUND: {
    status: 404,
    message: 'There is no browser session {id} in this project, or it is over.',
  },
  BROWSER_SESSION_NEEDS_KEY: {
    status: 400,
    message: 'Browsers are signed in with an API key: send one as `Authorization: Bearer sbx_…`.',
  },
  FIRST_KEY_EXISTS: {
    status: 409,
    message:
      'There is an admin key already ("{name}", {prefix}…). Make further ones with it: `signalbox keys create <name>`.',
  },
  UNAUTHENTICATED: {
    status: 401,
    message: 'This needs a key. Send it as `Authorization: Bearer …` (make one with `signalbox keys create`).',
  },
  FORBIDDEN: { status: 403, message: 'The role "{role}" may not {action}. It needs one of: {needed}.' },

  // approvals
  APPROVAL_NOT_FOUND: {
    status: 404,
    message: 'There is no approval {id} in this project. List them with `signalbox approvals list`.',
  },
  APPROVAL_DECIDED: {
    status: 409,
    message:
      'The approval {id} is {status} already, by {by}. Other arguments, or another try, need an approval of their own.',
  },
  APPROVAL_OWN: {
    status: 403,
    message: 'You asked for approval {id}, or created its session. Somebody else must answer it.',
  },
  APPROVAL_ROLE: {
    status: 403,
    message: 'The role "{role}" may not answer approval {id}. It needs one of: {needed}.',
  },
  APPROVAL_VOTED: {
    status: 409,
    message: 'You have approved {id} already; it needs {quorum} different people. Ask somebody else.',
  },
  APPROVAL_NOT_YOURS: {
    status: 403,
    message: 'Only {requestedBy}, who asked for approval {id}, or an operator may withdraw it. Reject it instead.',
  },
  APPROVAL_TOO_LATE: {
    status: 409,
    message: 'The session {id} is {status}; only the start of a pending one can wait for people. Pause or cancel it.',
  },
  SESSION_HELD: {
    status: 409,
    message: 'Session {id} does not start before approval {approval} is decided. Answer that, or withdraw it.',
  },
  APPROVAL_SUBJECT_NOT_FOUND: {
    status: 404,
    message: 'There is no {subject} {id} in this project to ask an approval for.',
  },

  // workspaces
  WORKSPACE_NOT_FOUND: { status: 404, message: 'There is no workspace {id} in this project.' },
  WORKSPACE_EXISTS: { status: 409, message: 'The directory {path} is a workspace of this project already ({id}).' },
  WORKSPACE_PATH_INVALID: { status: 400, message: '{path} cannot be a workspace: {reason}.' },
  PATH_OUTSIDE_WORKSPACE: { status: 400, message: 'The path {path} leaves the workspace. Give one inside it.' },
  FILE_NOT_FOUND: { status: 404, message: 'There is no readable file or directory at {path} in this workspace.' },
  WORKSPACE_BUSY: {
    status: 409,
    message: 'The files of workspace {id} cannot be had alone now: {reason}. Wait until that is over, or force it.',
  },
  WORKSPACE_CAPTURE_FAILED: { status: 500, message: 'The files of workspace {id} could not be captured: {reason}.' },
  CAPTURE_STORE_BROKEN: {
    status: 500,
    message:
      'The store of captures of workspace {id} in {directory} cannot be read: {reason}. Look at its permissions and its disk, or put it back from a backup; moved away, it is begun anew, and what it held is lost.',
  },

  // work trees of sessions
  WORK_TREE_NOT_FOUND: {
    status: 404,
    message: 'There is no work tree {id} in this project. List them with `signalbox worktrees list`.',
  },
  WORK_TREE_NO_REPOSITORY: {
    status: 409,
    message:
      'The workspace {path} is not in a git repository, so no session can work apart there. Make it one with `git init` and a commit, or use `isolation: shared`.',
  },
  WORK_TREE_NO_COMMIT: {
    status: 409,
    message:
      'The repository {repository} has no commit that holds {path}, so there is nothing to begin a work tree with. Commit first, or use `isolation: shared`.',
  },
  WORK_TREE_FAILED: { status: 500, message: 'The work tree at {path} could not be made: {reason}.' },
  WORK_TREE_GONE: {
    status: 409,
    message:
      'The work tree {path} is not there. It was removed by hand, or lies on another node: ask that one, or `signalbox worktrees discard {id}` and start the session again.',
  },
  WORK_TREE_IN_USE: {
    status: 409,
    message: 'The session {sessionId} is {status} and works in its work tree {id}. Wait for its end, or cancel it.',
  },
  WORK_TREE_OVER: { status: 409, message: 'The work tree {id} is {status} already; nothing of it is left.' },
  WORK_TREE_INTERRUPTED: {
    status: 409,
    message:
      'Work tree {id} was left in the middle of a merge. Finish that with `signalbox worktrees merge {id}`, or discard it.',
  },
  WORK_TREE_CONFLICT: {
    status: 409,
    message:
      'Branch {branch} conflicts with {into} at {paths}. Merge {into} into the branch, in {path}, and settle it there; then merge again.',
  },
  WORK_TREE_IN_THE_WAY: {
    status: 409,
    message:
      'Changes of yours that are not committed are in the way of the merge: {paths}. Commit, stash or move them; then merge again.',
  },
  WORK_TREE_NOT_MERGEABLE: { status: 409, message: 'Branch {branch} cannot be merged now: {reason}.' },

  // source control
  SOURCE_NO_REPOSITORY: {
    status: 409,
    message: 'The workspace {path} is not in a git repository. Make it one with `git init`.',
  },
  SOURCE_BRANCH_NOT_FOUND: {
    status: 404,
    message: 'The repository has no branch "{branch}". List them with `signalbox source branches`.',
  },
  SOURCE_BRANCH_EXISTS: {
    status: 409,
    message:
      'There is a branch "{branch}" already, and another one is checked out. Choose another name, or check it out first.',
  },
  SOURCE_HEAD_DETACHED: {
    status: 409,
    message: 'No branch is checked out in {path}. Name a new one for the commit, or check one out.',
  },
  SOURCE_OPERATION_UNDER_WAY: {
    status: 409,
    message: 'A {operation} is under way in {path}. Finish or abort it, then commit.',
  },
  SOURCE_IDENTITY_MISSING: {
    status: 409,
    message:
      'The settings of git do not say who commits ({reason}). Set them with `git config user.name` and `git config user.email`.',
  },
  SOURCE_PATH_REFUSED: { status: 409, message: 'Git does not take these paths, and nothing was committed: {reason}.' },
  SOURCE_NOTHING_TO_COMMIT: { status: 409, message: 'Nothing has changed since the last commit at {paths}.' },
  SOURCE_COMMIT_TOO_LARGE: {
    status: 413,
    message: 'The commit would change {count} files; at most {limit} are committed at once. Name fewer paths.',
  },
  SOURCE_COMMIT_FAILED: { status: 409, message: 'Git could not make the commit in {path}: {reason}.' },
  SOURCE_BUSY: {
    status: 409,
    message:
      'Another git is at work in {path}, and nothing was committed. Try again shortly; where none is, remove {lock}.',
  },
  SOURCE_MOVED: {
    status: 409,
    message:
      'Somebody else committed, or checked out another branch, in {path} meanwhile. Nothing was committed; try again.',
  },
  SOURCE_REMOTE_NOT_FOUND: {
    status: 404,
    message: 'The repository has no remote "{remote}". Known: {known}. Add it with `git remote add`.',
  },
  SOURCE_PUBLISH_REFUSED: {
    status: 403,
    message:
      'To push a branch and open a pull request needs the role operator. Nothing was committed; commit without `createPR`, and let an operator run `signalbox source publish`.',
  },
  SOURCE_PUSH_REJECTED: {
    status: 409,
    message:
      '{remote} did not take {branch}: {reason}. Nothing was forced; fetch, and bring what it has into the branch, then push again.',
  },
  SOURCE_PUSH_FAILED: { status: 502, message: 'The branch {branch} could not be pushed to {remote}: {reason}.' },
  SOURCE_PROVIDER_MISSING: {
    status: 409,
    message:
      'Nobody is known to open pull requests for {remote} ({url}). Set sourceControl.githubToken, and sourceControl.githubUrl for a server of your own.',
  },
  SOURCE_COMMIT_GONE: {
    status: 409,
    message: 'The branch {branch} does not lead to the commit {commit} (any more). Commit again.',
  },
  SOURCE_COMMIT_NOT_FOUND: {
    status: 404,
    message: 'There is no commit {id} that was made through Signalbox in this project.',
  },

  // undo
  UNDO_NOT_FOUND: { status: 404, message: 'There is no undo {id} in this project.' },
  UNDO_SELECTION_EMPTY: {
    status: 400,
    message: 'The selection names no condition. Say what to undo: sessions, paths, changes, a time or a position.',
  },
  UNDO_NOTHING_SELECTED: {
    status: 409,
    message:
      'There is nothing to undo: no change meets the conditions, but for {leftOut} that nobody can be told to have made. Those are undone only when named in changeIds.',
  },
  UNDO_SPANS_WORKSPACES: {
    status: 400,
    message:
      'The selection is about several workspaces ({workspaces}). Name one with workspaceId, and undo them one by one.',
  },
  UNDO_NOT_SELECTABLE: { status: 400, message: 'Change {id} cannot be undone: {reason}.' },
  UNDO_ENTITIES_UNKNOWN: {
    status: 404,
    message:
      'It is not known which files of workspace {workspaceId} hold the entities {entities}. Name entities that the knowledge graph has, or select by paths.',
  },
  UNDO_NO_SUCH_HUNK: { status: 400, message: 'The named hunks of change {id} cannot be undone: {reason}.' },
  UNDO_CONFLICT: {
    status: 409,
    message:
      'At {count} place(s) something newer stands where the old would come ({paths}). Preview the undo, answer the conflicts in options.resolutions or with options.onConflict, and send it again.',
  },
  UNDO_PLAN_CHANGED: {
    status: 409,
    message: 'What the undo would do is not what you previewed any more. Nothing was written; preview it again.',
  },
  UNDO_PATH_CHANGED: {
    status: 409,
    message: '{path} was written by somebody else in the middle of the undo. Preview the undo again.',
  },
  UNDO_PATH_UNSAFE: {
    status: 409,
    message:
      '{path} cannot be written: {through} on the way to it is a symbolic link or no directory. Put a directory there, or leave the path out.',
  },
  UNDO_DURING_OPERATION: {
    status: 409,
    message: 'A {operation} is under way in the repository of workspace {workspaceId}. Finish or abort it, then undo.',
  },
  UNDO_NOT_CANCELLABLE: {
    status: 409,
    message: 'Undo {id} is {status} and cannot be cancelled. Once it is completed, redo takes it back.',
  },
  UNDO_NOT_REDOABLE: {
    status: 409,
    message: 'Undo {id} is {status}: only a completed one can be taken back. See its error, or undo again.',
  },
  UNDO_NOT_RUNNING: { status: 409, message: 'Undo {id} was ended by somebody else meanwhile. Read it again.' },
  UNDO_INDEX_NOT_CLEAN: {
    status: 409,
    message:
      'Something is staged at {path}, and a commit would take it along. Commit or unstage it, or undo without asCommit.',
  },
  UNDO_NO_REPOSITORY: {
    status: 409,
    message: '{directory} is no repository with commits, so nothing can be committed there. Undo without asCommit.',
  },
  UNDO_COMMIT_FAILED: {
    status: 409,
    message:
      'What the undo had restored could not be committed in {directory}: {reason}. All of it was put back; mend that, or undo without asCommit.',
  },
  UNDO_INTERRUPTED: {
    status: 503,
    message: 'The process that carried out undo {id} ended in the middle. See what went back, and undo again.',
  },

  // sessions
  SESSION_NOT_FOUND: { status: 404, message: 'There is no session {id} in this project.' },
  SESSION_EXISTS: {
    status: 409,
    message: 'A session {conflict} exists already. Choose another.',
  },
  SESSION_EXPIRED: { status: 410, message: 'The session {id} has expired.' },
  SESSION_TIMEOUT: { status: 408, message: 'The session {id} ran longer than its limit of {seconds} s.' },
  SESSION_PARENT_CYCLE: {
    status: 409,
    message: 'The session {id} cannot go under {parentId}: that is itself or one of its descendants.',
  },
  SESSION_NOT_RECOVERABLE: { status: 409, message: 'The session {id} cannot be retried: {reason}.' },
  SESSION_NOT_EXECUTABLE: { status: 409, message: 'The session {id} cannot be run by Signalbox: {reason}.' },
  INVALID_TRANSITION: { status: 409, message: 'The session {id} cannot go from {from} to {to}.' },
  RUNTIME_SESSION_GONE: {
    status: 409,
    message:
      'The session {id} cannot go on from checkpoint {sequence}: the session of the runtime "{runtime}" is gone: {reason}. Retry it from the start instead: `signalbox sessions retry {id}`.',
  },
  CHECKPOINT_CALLS_UNKNOWN: {
    status: 409,
    message:
      'Nobody knows what became of these tool calls of session {id}: {calls}. Look at what they did, then say whether they are to be made again: `unknownCalls` is `skip` or `retry`.',
  },
  CHECKPOINT_UNDO_FAILED: {
    status: 409,
    message:
      'What session {id} changed since the checkpoint could not be taken back (undo {undoId}): {reason}. Nothing was resumed; settle it with that undo, then resume with `undo: false`.',
  },
  CHECKPOINT_UNDO_UNAVAILABLE: {
    status: 409,
    message:
      'What session {id} changed since checkpoint {sequence} cannot be taken back here. Undo it yourself and resume with `undo: false`.',
  },
  SESSION_WITHOUT_WORKSPACE: { status: 409, message: 'The session {id} works in no workspace, so it has no files.' },
  CAPTURE_NOT_FOUND: { status: 404, message: 'There is no capture of workspace {id} as of {at}: {reason}.' },
  FAILURE_SNAPSHOT_NOT_FOUND: { status: 404, message: 'There is no failure snapshot {id} in this project.' },
  CHECKPOINT_NOT_FOUND: { status: 404, message: 'The session {id} has no checkpoint {sequence}.' },

  // journal
  JOURNAL_CODE_STATE_COMPLETED: {
    status: 409,
    message: 'The code state of session {id} is completed; reopen it explicitly before going on.',
  },
  JOURNAL_SEQ_UNKNOWN: {
    status: 404,
    message:
      'The journal of session {id} has no event {seq} yet; its last one is {last}. Give a number from 0 to that.',
  },
  RECORDING_NOT_FOUND: { status: 404, message: 'There is no recording {id} in this project.' },
  RECORDING_ACTIVE: {
    status: 409,
    message:
      'The session {id} is being recorded already. Stop that recording first: `signalbox replay stop <recording>`.',
  },
  RECORDING_UNDER_WAY: { status: 409, message: 'The recording {id} is still under way. Stop it first.' },
  RECORDING_OVER: { status: 409, message: 'The recording {id} is over already: it is {status}.' },
  RECORDING_DAMAGED: {
    status: 409,
    message: 'Frame {seq} of recording {id} is missing or cannot be read. Validate it to see what else is damaged.',
  },
  RECORDING_INVALID: { status: 400, message: 'This is not a recording as it was exported: {reason}.' },
  PAYLOAD_NOT_FOUND: { status: 404, message: 'The session {id} has no payload {digest} that stands apart.' },
  JOURNAL_EVENT_TOO_LARGE: { status: 413, message: 'A journal event may hold {limit} bytes, this one has {size}.' },

  // tasks
  TASK_NOT_FOUND: { status: 404, message: 'There is no task {id} in this project.' },
  TASK_INVALID_TRANSITION: { status: 409, message: 'The task {id} cannot go from {from} to {to}.' },
  TASK_DUPLICATE: {
    status: 409,
    message:
      'There is a task with the unique key "{key}" already. Wait until it is over, or ask for `keep` or `replace`.',
  },
  TASK_PREREQUISITE_UNKNOWN: {
    status: 409,
    message:
      'There is no task "{prerequisite}" to depend on. Give the id of a task of this project, or a ref of this call.',
  },
  TASK_DEPENDENCY_CYCLE: {
    status: 409,
    message: 'These tasks would wait for each other for ever: {cycle}. Leave out one of these dependencies.',
  },
  TASK_OF_SESSION: {
    status: 409,
    message: 'The task {id} runs a session. Retry the session instead: `signalbox sessions retry <session>`.',
  },
  QUEUE_DRAINING: {
    status: 409,
    message: 'The queue "{queue}" takes no new tasks while it drains. Use another queue, or open this one again.',
  },
  POLICY_NOT_FOUND: { status: 404, message: 'There is no policy "{policy}" in this project.' },
  POLICY_FILE_INVALID: {
    status: 500,
    message: 'The policy file {path} cannot be applied: {reason}. Mend it; what is in force stays meanwhile.',
  },
  POLICY_EXISTS: { status: 409, message: 'There is a policy "{name}" already. Update it, or choose another name.' },
  BUDGET_NOT_FOUND: { status: 404, message: 'There is no budget "{budget}" in this project.' },
  BUDGET_EXISTS: { status: 409, message: 'There is a budget "{name}" already. Update it, or choose another name.' },
  SCHEDULE_NOT_FOUND: { status: 404, message: 'There is no schedule {id} in this project.' },
  SCHEDULE_EXISTS: { status: 409, message: 'There is a schedule "{name}" already. Choose another name.' },
  SCHEDULE_CRON_INVALID: {
    status: 400,
    message: 'The cron expression "{cron}" cannot be used: {reason}. Write one such as "30 6 * * 1-5".',
  },
  SCHEDULE_TIMEZONE_UNKNOWN: {
    status: 400,
    message: 'There is no time zone "{timezone}". Give its IANA name, such as "Europe/Berlin" or "UTC".',
  },
  CLAIM_LOST: {
    status: 409,
    message: 'The claim on {id} is not yours any more. Stop working on it; claim it again if it is offered.',
  },
  IDEMPOTENCY_CONFLICT: {
    status: 409,
    message: 'The idempotency key "{key}" was used for another request. Use a new key.',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    status: 409,
    message: 'A request with the idempotency key "{key}" is still under way. Try again shortly.',
  },

  // knowledge
  GRAPH_ENTITY_NOT_FOUND: {
    status: 404,
    message: 'The graph of this project knows of no entity "{id}". Ids are exact; index the code again if it is new.',
  },
  GRAPH_CHECKPOINT_TOO_LARGE: {
    status: 422,
    message:
      'There is too much within {hops} hops of these entities for one checkpoint. Take fewer hops, or fewer entities.',
  },
  EMBEDDINGS_OFF: {
    status: 409,
    message:
      'Search by meaning is off. Set embeddings.provider to "openai" (any server that speaks as it does) or to "local", then embed the graph.',
  },
  EMBEDDING_FAILED: {
    status: 502,
    message: 'The provider of embeddings failed: {reason}. Look at the embeddings settings, or try again later.',
  },
  GRAPH_INDEX_JOB_NOT_FOUND: {
    status: 404,
    message: 'There is no indexing {id} in this project. Ask for the last ones, or start another.',
  },
  GRAPH_REPORT_UNKNOWN: {
    status: 400,
    message: 'Nobody can tell what this report is, and nothing of it was taken. Say its format: {known}.',
  },
  GRAPH_REPORT_TOO_LARGE: {
    status: 413,
    message:
      'The report comes to {size}, at most {limit} are taken at once, and nothing of it was taken. Split it, or leave parts out where it is made.',
  },
  GRAPH_EXPORT_TOO_LARGE: {
    status: 413,
    message:
      'The code comes to more than {limit} symbols and relationships, which is too much for one export. Export one workspace at a time.',
  },
  GRAPH_REPORT_PATH: {
    status: 422,
    message:
      'The {format} report names "{path}", which is no path within the repository (root: {root}), and nothing of it was taken. Say below which root its paths are, or make it in the repository.',
  },
  GRAPH_RELATIONSHIP_NOT_FOUND: { status: 404, message: 'The graph of this project has no relationship {id}.' },

  // bridge between sessions and the graph
  BRIDGE_TRANSITIONS_FAILED: {
    status: 500,
    message:
      'Where session {sessionId} broke the code could not be read. Ask again; if that fails too, look at its journal, and report this with the trace id.',
  },
  BRIDGE_ISOLATE_FAILED: {
    status: 500,
    message:
      'What {agentId} did in session {sessionId} could not be read. Ask again; if that fails too, look at its journal, and report this with the trace id.',
  },
  BRIDGE_HANDOFF_FAILED: {
    status: 500,
    message:
      'What {joiningAgent} has to know to join session {sessionId} could not be read. Ask again; if that fails too, look at its journal, and report this with the trace id.',
  },
  BRIDGE_ENTITY_QUERY_FAILED: {
    status: 500,
    message:
      'The sessions that touched {entityId} could not be read. Ask again; if that fails too, report this with the trace id.',
  },
  BRIDGE_AGGREGATES_FAILED: {
    status: 500,
    message:
      'What the sessions came to that touched {entityIds} could not be read. Ask again, for fewer entities; if that fails too, report this with the trace id.',
  },

  // topology
  SERVICE_NOT_FOUND: {
    status: 404,
    message:
      'The service map of this project has no service "{service}". Keys are exact; list the services to see them.',
  },
  SERVICE_EXISTS: { status: 409, message: 'There is a service "{key}" already. Update it, or choose another key.' },
  DEPENDENCY_NOT_FOUND: { status: 404, message: 'The service map of this project has no dependency {id}.' },
  CYCLE_ALERT_NOT_FOUND: { status: 404, message: 'There is no alert {id} of a cycle in this project.' },
  CYCLE_ALERT_STATUS: {
    status: 409,
    message: 'The alert {id} is {status}, and so cannot become {wanted}. Read it again.',
  },
  CODE_RULE_NOT_FOUND: { status: 404, message: 'There is no code rule {id} in this project.' },
  IMPORT_UNREADABLE: {
    status: 400,
    message: 'The {format} document cannot be read, and nothing of it was taken: {reason}.',
  },
  // audit
  AUDIT_EVENT_NOT_FOUND: {
    status: 404,
    message: 'There is no audit event {id} in this project. It may have been dropped by retention.',
  },
  AUDIT_SEAL_KEY_MISSING: {
    status: 400,
    message:
      'There is no key of the seals in {file}. Name the data directory of the server with --data-dir, or give the key as SIGNALBOX_AUDIT_SEAL_KEY.',
  },
  AUDIT_EXPORT_UNREADABLE: {
    status: 400,
    message:
      'Line {line} of the export cannot be read: {reason}. Give what `signalbox audit export --format sealed` wrote.',
  },

  // webhooks
  WEBHOOK_NOT_FOUND: { status: 404, message: 'There is no webhook {id} in this project.' },
  WEBHOOK_DELIVERY_NOT_FOUND: {
    status: 404,
    message:
      'There is no delivery {id} of this webhook that could be sent again; old ones and tests are not kept for it.',
  },
  WEBHOOK_URL_REFUSED: {
    status: 400,
    message:
      'Nothing can be sent to this address: {reason}. Give a public https address; `webhooks.allowPrivate` allows others.',
  },
  WEBHOOK_DISABLED: { status: 409, message: 'The webhook {id} is disabled. Enable it first, then send again.' },
  WEBHOOK_KEY_UNKNOWN: {
    status: 409,
    message:
      'The secret of this webhook comes from a key that this node does not have. Set `webhooks.key` to the same value on all nodes or put `webhook.key` back into the data directory; or rotate the secret.',
  },

  // path claims
  PATH_CLAIM_NOT_FOUND: { status: 404, message: 'There is no claim {id} to paths in this project; it may have ended.' },
  CONFLICT_NOT_FOUND: { status: 404, message: 'There is no conflict {id} in this project.' },
  PATH_CLAIM_IMPOSSIBLE: { status: 409, message: 'The session {id} cannot claim paths: {reason}.' },
  PATH_CLAIMED: {
    status: 409,
    message: '{paths} cannot be claimed now: {who}. Work on something else, wait for it, or ask them to release it.',
  },
  PATH_CLAIM_TIMEOUT: {
    status: 409,
    message: '{paths} did not become free in time: {who}. Work on something else and try again later.',
  },
  PATH_CLAIM_DEADLOCK: {
    status: 409,
    message:
      '{paths} cannot be waited for: the sessions {cycle} wait for each other, and this one was chosen to give way ({who}). Release what you hold, then try again.',
  },

  // locks
  LOCK_NOT_FOUND: { status: 404, message: 'There is no lock {id} in this project; it was released or has expired.' },
  LOCK_CONTENDED: {
    status: 409,
    message: '{resource} is held by, or promised to, {owner}. Wait for it (waitMs), or work on something else.',
  },
  LOCK_TIMEOUT: { status: 408, message: '{resource} was not granted within {waitMs} ms. Try again later.' },
  LOCK_LOST: {
    status: 409,
    message: 'The lock {id} on {resource} is not yours any more. Stop what it protected, and acquire it again.',
  },
  LOCK_DEADLOCK: {
    status: 409,
    message:
      '{resource} cannot be waited for: {cycle} wait for each other, and this request was chosen to give way. Release what you hold, then try again.',
  },
  LOCK_WITHDRAWN: { status: 409, message: 'The request for {resource} was withdrawn: {reason}.' },
  LOCK_ORDER: {
    status: 409,
    message: '{resource} may not be acquired while {greater} is held: take locks in the order of their names.',
  },
  LOCK_ID_TAKEN: { status: 409, message: 'The request id {id} belongs to another request. Use a new one.' },
  LOCK_BUSY: { status: 409, message: 'A write under the lock {id} is just being committed. Try again shortly.' },

  // rollback
  ROLLBACK_NOT_FOUND: {
    status: 404,
    message: 'There is no rollback point {id} in this project. List them with `signalbox rollback points`.',
  },
  ROLLBACK_EXPIRED: {
    status: 410,
    message:
      'The rollback point {id} expired at {expiredAt} and holds nothing any more. Make points with a longer ttl.',
  },
  ROLLBACK_CONFLICT: {
    status: 409,
    message:
      '{count} change(s) since the rollback point cannot simply be put back: {paths}. Choose a resolution: skip, overwrite, merge, or one for each path.',
  },
  ROLLBACK_IN_PROGRESS: {
    status: 409,
    message:
      'Another rollback is changing this project ({operationId}). Wait for it, or cancel it: `signalbox rollback cancel`.',
  },
  ROLLBACK_WRITE_STALE: {
    status: 409,
    message: '{path} was changed by somebody else just now, and was left as it is. Preview again, then repeat.',
  },
  ROLLBACK_FILES_NOT_RESTORED: {
    status: 409,
    message:
      'The files were not put back: {reason} What had been written of them went back; undo {undoId} tells of each path. Repeat the rollback.',
  },
  ROLLBACK_TIMEOUT: {
    status: 408,
    message: 'The rollback was stopped after {maxDuration} ms with {applied} of {total} change(s) applied.',
  },
  ROLLBACK_PORT_MISSING: {
    status: 409,
    message: 'The state of kind "{type}" cannot be read or written here. Leave it out, or run where it is known.',
  },
  ROLLBACK_VERIFICATION_FAILED: {
    status: 500,
    message:
      'After being written, {paths} did not hold what was written. Something else writes there at the same time.',
  },
  ROLLBACK_INTERRUPTED: {
    status: 500,
    message:
      'The process that ran this rollback ended before it was over. See its log for what was applied, and its undos for the files.',
  },
  ROLLBACK_INCOMPLETE: {
    status: 500,
    message: '{failed} of {total} change(s) could not be applied. The result names each with its reason.',
  },
  DATABASE_NOT_READY: {
    status: 503,
    message: 'The database is not ready. Nothing was captured or changed; try again.',
  },
  NO_SNAPSHOTS_FOUND: { status: 409, message: 'The rollback point {rollbackPointId} holds no snapshots.' },
  SNAPSHOT_CAPTURE_FAILED: {
    status: 500,
    message: 'The state for rollback point {rollbackPointId} could not be captured: {error}. Nothing was stored.',
  },
  SNAPSHOT_TOO_LARGE: {
    status: 413,
    message: 'The {type} snapshot has {size} bytes, at most {maxSize} are allowed. Capture less, or raise the limit.',
  },
  SNAPSHOT_CORRUPTED: {
    status: 500,
    message: 'The snapshot {snapshotId} is not what was stored: its checksum does not match. It cannot be used.',
  },
  SNAPSHOT_NOT_FOUND: { status: 404, message: 'There is no snapshot {snapshotId} in this project.' },
  SNAPSHOT_TYPE_MISMATCH: {
    status: 400,
    message: 'A snapshot of kind {fromType} cannot be compared with one of kind {toType}.',
  },
  SNAPSHOT_SERIALIZATION_FAILED: {
    status: 422,
    message: 'The value at "{path}" cannot be kept in a snapshot: {reason}.',
  },
  STORE_CAPACITY_EXCEEDED: {
    status: 409,
    message: 'The project has {maxSize} rollback points already. Delete some, or let the least used give way.',
  },
  UNKNOWN_STRATEGY: { status: 400, message: 'There is no rollback strategy "{strategy}". Known: {known}.' },
  STRATEGY_VALIDATION_FAILED: {
    status: 409,
    message: 'The strategy "{strategy}" refuses to go back to {rollbackPointId}: {reason}.',
  },
  OPERATION_NOT_FOUND: { status: 404, message: 'There is no rollback operation {operationId} in this project.' },
  OPERATION_TIMEOUT: {
    status: 408,
    message: 'The rollback operation {operationId} is not over after {timeoutMs} ms. It goes on; ask for it again.',
  },
  DIFF_NOT_APPLICABLE: { status: 409, message: 'The change of "{path}" cannot be applied: {reason}.' },

  // rollback: conflicts
  VISUAL_DIFF_FAILED: {
    status: 422,
    message:
      'The difference at "{conflictPath}" cannot be shown: {error}. Compare the two values yourself, or choose a side.',
  },

  // rollback: monitoring
  ROLLBACK_ALERT_NOT_FOUND: {
    status: 404,
    message: 'There is no alert {id} in this project; resolved ones are kept for a day.',
  },

  // agents
  AGENT_UNKNOWN: {
    status: 404,
    message: 'There is no agent "{id}" in this project. Register it (again), then go on.',
  },
  AGENT_UNAVAILABLE: {
    status: 409,
    message: 'The agent "{id}" takes nothing new: it is {status}. Choose another, or resume it first.',
  },
  AGENT_FULL: {
    status: 409,
    message: 'The agent "{id}" has no room: it carries {load} of {maxLoad}. Finish something first, or choose another.',
  },
  AGENT_INCAPABLE: { status: 409, message: 'The agent "{id}" lacks what the work requires: {missing}.' },
  AGENT_STRATEGY_UNKNOWN: { status: 400, message: 'There is no strategy "{strategy}". Known: {known}.' },
  AGENT_STRATEGY_INVALID: { status: 400, message: 'The strategy "{strategy}" cannot be used so: {reason}.' },
  HANDOFF_TO_SELF: { status: 400, message: 'The agent "{id}" cannot hand a session over to itself.' },
  HANDOFF_NOT_OWNED: {
    status: 409,
    message: 'The agent "{agent}" holds no task of session {sessionId}, so it has nothing to hand over.',
  },

  // threads
  THREAD_NOT_FOUND: { status: 404, message: 'There is no thread "{id}" in this project.' },
  THREAD_CHECKPOINT_NOT_FOUND: {
    status: 404,
    message: 'The thread "{threadId}" has no such checkpoint. List them with `signalbox threads show <thread>`.',
  },
  THREAD_SAVE_TOO_LARGE: {
    status: 413,
    message: 'A checkpoint may bring {limit} bytes of changes, this one has {size}. Keep large things elsewhere.',
  },
  THREAD_VERSION_TAKEN: {
    status: 409,
    message:
      'This checkpoint of thread "{threadId}" has another value of the channel "{channel}" at version {version}. Give each checkpoint an id, and each change a version, of its own.',
  },

  // specs
  SPEC_NOT_FOUND: {
    status: 404,
    message: 'There is no specification {id} in this project. List them with `signalbox specs list`.',
  },
  SPEC_CRITERION_UNKNOWN: {
    status: 400,
    message:
      'The specification {spec} has no acceptance criterion {criterion}. Name one of its `acceptanceCriteriaIds`; a reworded criterion has another.',
  },

  // proposals
  PROPOSAL_STALE: {
    status: 409,
    message: 'The proposal does not fit {file}: {reason}. Read the file again, and propose anew.',
  },

  // runtimes
  RUNTIME_UNKNOWN: { status: 400, message: 'There is no runtime "{runtime}". Known: {known}.' },
  RUNTIME_UNAVAILABLE: { status: 409, message: 'The runtime "{runtime}" cannot run here: {reason}. {advice}' },
  RUNTIME_FAILED: { status: 500, message: 'The runtime "{runtime}" failed: {reason}.' },
} as const satisfies Record<string, { status: number; message: string }>;

export type ErrorCode = keyof typeof ERROR_TABLE;
