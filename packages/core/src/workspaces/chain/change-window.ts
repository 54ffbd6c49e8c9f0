/** What a tool call says it writes. */
export interface ExpectedWrite {
  /** Relative to the workspace. */
  path: string;
  /** Git object id of the content that it should lead to; null where that cannot be told. */
  oid: string | null;
  /** Whether the file should be gone. */
  deleted: boolean;
}

/** Who opens a window: a session, for one tool call or, without one, for its whole run. */
export interface WindowOwner {
  sessionId: string;
  callId: string | null;
  tool: string | null;
  actor: string;
  attempt: number;
}

/** A time in which a session may write; `expected` is null where it may write anything. */
export interface ChangeWindow extends WindowOwner {
  id: string;
  expected: ExpectedWrite[] | null;
}
