import { answerOf, type CallOptions, type CreateOptions, type Transport } from '../transport/transport.ts';
import type {
  Approval,
  ApprovalComment,
  ApprovalRecord,
  ListQuery,
  Page,
  RequestApproval,
  RequestSession,
  RequestTask,
} from '../types.ts';

/** Questions to people that hold a session, a task or a tool call. */
export function approvalMethods({ http, creating }: Transport) {
  const ofId = (id: string) => ({ params: { path: { id } } });
  return {
    list: (query: ListQuery = {}, options: CallOptions = {}): Promise<Page<Approval>> =>
      answerOf(http.GET('/api/v1/approvals', { params: { query }, ...options })),
    get: (id: string, options: CallOptions = {}): Promise<ApprovalRecord> =>
      answerOf(http.GET('/api/v1/approvals/{id}', { ...ofId(id), ...options })),
    request: (asked: RequestApproval, options?: CreateOptions): Promise<Approval> =>
      answerOf(http.POST('/api/v1/approvals', { body: asked, ...creating(options) })),
    /** Enqueues a task that does not run before it is approved. */
    requestTask: (asked: RequestTask, options?: CreateOptions): Promise<Approval> =>
      answerOf(http.POST('/api/v1/approvals/tasks', { body: asked, ...creating(options) })),
    /** Makes a session that does not start before it is approved. */
    requestSession: (asked: RequestSession, options?: CreateOptions): Promise<Approval> =>
      answerOf(http.POST('/api/v1/approvals/sessions', { body: asked, ...creating(options) })),
    approve: (id: string, reason: string | null = null, options: CallOptions = {}): Promise<Approval> =>
      answerOf(http.POST('/api/v1/approvals/{id}/approve', { ...ofId(id), body: { reason }, ...options })),
    reject: (id: string, reason: string | null = null, options: CallOptions = {}): Promise<Approval> =>
      answerOf(http.POST('/api/v1/approvals/{id}/reject', { ...ofId(id), body: { reason }, ...options })),
    /** Other arguments take effect than were asked for. */
    editAndApprove: (
      id: string,
      edited: Approval['arguments'],
      reason: string | null = null,
      options: CallOptions = {},
    ): Promise<Approval> =>
      answerOf(
        http.POST('/api/v1/approvals/{id}/edit-and-approve', {
          ...ofId(id),
          body: { arguments: edited, reason },
          ...options,
        }),
      ),
    withdraw: (id: string, reason: string | null = null, options: CallOptions = {}): Promise<Approval> =>
      answerOf(http.POST('/api/v1/approvals/{id}/withdraw', { ...ofId(id), body: { reason }, ...options })),
    comment: (id: string, text: string, options?: CreateOptions): Promise<ApprovalComment> =>
      answerOf(http.POST('/api/v1/approvals/{id}/comments', { ...ofId(id), body: { text }, ...creating(options) })),
  };
}
