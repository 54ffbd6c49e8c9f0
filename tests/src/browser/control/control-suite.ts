import { join } from 'node:path';
import type { RequestApproval } from '@signalbox/client';
import type { BrowserSuite } from '../browser-suite.ts';

/** The policy under which the agents of these tests work. */
export const HOUSE = {
  name: 'house',
  rules: [
    {
      id: 'ask-rm',
      name: 'Ask before deleting',
      match: { commands: [{ programs: ['rm'] }] },
      effect: 'require_approval' as const,
      approval: { reason: 'It deletes.' },
    },
    {
      id: 'ask-out',
      name: 'Ask outside of src',
      match: { tools: ['write'], paths: { outside: ['src/**'] } },
      effect: 'require_approval' as const,
    },
  ],
  default: 'allow' as const,
};

/** What the tests of the pages of control share: one server and page, a workspace, and a session that its caller drives. */
export type ControlSuite = ReturnType<typeof controlSuite>;

/** @param made ids of what was made when the server was filled. */
export function controlSuite(suite: BrowserSuite, made: { workspaceId: string; driven: string }) {
  const page = () => suite.page;
  return {
    suite,
    page,
    workspaceId: () => made.workspaceId,
    driven: () => made.driven,
    at: (path: string) => join(suite.server.workspace, path),
    rowOf: (what: string) => page().getByRole('row', { name: new RegExp(what) }),
    goTo: (path: string) => page().goto(suite.server.url + path),
    ask: async (asked: RequestApproval, actor = 'coder') =>
      (await suite.server.client(actor).approvals.request({ sessionId: made.driven, tool: 'bash', ...asked })).id,
    look: (id: string) => suite.server.client().approvals.get(id),
    dialog: (name: string) => page().getByRole('dialog', { name }),
  };
}
