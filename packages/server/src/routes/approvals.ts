import { APPROVAL_FIELDS, type Core, parseListQuery } from '@signalbox/core';
import type { Principal } from '../auth/principal.ts';
import * as contract from '../contract/approvals.ts';
import type { Serve } from '../http/serve.ts';

export function approvalRoutes(
  serve: Serve,
  { approvals, sessionRequests }: Pick<Core, 'approvals' | 'sessionRequests'>,
): void {
  serve(contract.listApprovals, ({ query }, { projectId }) =>
    approvals.list(projectId, parseListQuery(APPROVAL_FIELDS, query)),
  );
  serve(contract.requestApproval, ({ body }, { projectId, actor }) => approvals.request(projectId, body, actor));
  serve(contract.requestTask, ({ body }, { projectId, principal, actor }) =>
    approvals.requestTask(projectId, { ...body, task: { ...body.task, createdBy: principal.name } }, actor),
  );
  serve(contract.requestSession, ({ body }, { projectId, actor }) => sessionRequests.request(projectId, body, actor));
  serve(contract.getApproval, ({ params }, { projectId }) => approvals.get(projectId, params.id));
  for (const [operation, verdict] of [
    [contract.approveApproval, 'approve'],
    [contract.rejectApproval, 'reject'],
  ] as const) {
    serve(operation, ({ params, body, version }, { projectId, principal }) =>
      approvals.decide(projectId, params.id, { verdict, reason: body?.reason ?? null, version }, approver(principal)),
    );
  }
  serve(contract.editAndApproveApproval, ({ params, body, version }, { projectId, principal }) =>
    approvals.editAndApprove(projectId, params.id, { ...body, version }, approver(principal)),
  );
  serve(contract.withdrawApproval, ({ params, body, version }, { projectId, principal }) =>
    approvals.withdraw(projectId, params.id, { reason: body?.reason ?? null, version }, approver(principal)),
  );
  serve(contract.commentApproval, ({ params, body }, { projectId, actor }) =>
    approvals.comment(projectId, params.id, body.text, actor),
  );
}

function approver({ actor, name, role }: Principal) {
  return { actor, name, role };
}
