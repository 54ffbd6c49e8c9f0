/** What people are told of (RB-210). Secrets are masked by whoever sends it on. */
export interface RollbackNotification {
  kind: 'created' | 'executed' | 'failed' | 'critical_conflict';
  severity: 'info' | 'error' | 'critical';
  projectId: string;
  sessionId: string | null;
  rollbackPointId: string;
  /** Null for a point that was made. */
  operationId: string | null;
  message: string;
}

/** Sends notifications on: to a page, a chat, a webhook. What it throws is logged and changes nothing (RB-197). */
export interface RollbackNotifier {
  send(notification: RollbackNotification): Promise<void>;
}
