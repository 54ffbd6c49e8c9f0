import type { FeedEvent } from './feed-event.ts';

/** A message as Slack's incoming webhooks take it: the text for notifications, blocks for the channel. */
export interface SlackMessage {
  text: string;
  blocks: Record<string, unknown>[];
}

export interface SlackContext {
  /** Title of the session that the event is about, where there is one. */
  sessionTitle: string | null;
  /** What the approval that the event is about was asked for, masked. */
  approvalSummary: string | null;
  /** Where the dashboard is; without it there are no links. */
  dashboardUrl: string | null;
}

interface Telling {
  says: string;
  detail?: string | null;
  /** Path in the dashboard. */
  path: string;
}

/** Changes of an approval by which people are asked, or asked again. */
const ASKING = new Set(['requested', 'reminded', 'escalated']);
const APPROVAL_ENDS: Readonly<Record<string, string>> = {
  approved: 'approved',
  rejected: 'rejected',
  expired: 'not answered in time, so it is refused',
};

/** What people are told of an event: approvals asked and decided, sessions that ended, budgets reached. Null for anything else. */
export function slackMessage(event: FeedEvent, context: SlackContext): SlackMessage | null {
  const { dashboardUrl } = context;
  const told = telling(event, context);
  if (!told) return null;
  const { says, detail, path } = told;
  const link = dashboardUrl === null ? null : `<${dashboardUrl.replace(/\/$/, '')}${path}|Open in Signalbox>`;
  const lines = [`*${escaped(says)}*`, ...(detail ? [`> ${escaped(detail).replaceAll('\n', '\n> ')}`] : [])];
  return {
    text: escaped(says),
    blocks: [
      section(lines.join('\n')),
      ...(link ? [{ type: 'context', elements: [{ type: 'mrkdwn', text: link }] }] : []),
    ],
  };
}

function telling({ topic, type, payload }: FeedEvent, { sessionTitle, approvalSummary }: SlackContext): Telling | null {
  const text = (field: string) => (typeof payload[field] === 'string' ? (payload[field] as string) : null);
  const sessionId = text('sessionId');
  const session = sessionTitle ?? sessionId ?? 'a session';
  const sessionPath = sessionId ? `/sessions/${sessionId}` : '/sessions';
  if (type === 'session.completed') return { says: `Session completed: ${session}`, path: sessionPath };
  if (type === 'session.failed') {
    return { says: `Session failed: ${session}`, detail: text('errorMessage'), path: sessionPath };
  }
  if (topic === 'approval') {
    const about = approvalSummary ?? session;
    const change = text('change') ?? '';
    if (ASKING.has(change)) return { says: `Approval needed: ${about}`, path: '/approvals' };
    const ended = change === 'decided' ? APPROVAL_ENDS[text('status') ?? ''] : undefined;
    return ended ? { says: `Approval ${ended}: ${about}`, path: '/approvals' } : null;
  }
  if (topic === 'budget' && ['exceeded', 'reached', 'warning', 'warned'].includes(type.slice('budget.'.length))) {
    return { says: `Budget ${type.slice('budget.'.length)}: ${text('name') ?? session}`, path: '/budgets' };
  }
  return null;
}

const LONGEST = 2_900;

function section(text: string): Record<string, unknown> {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return { type: 'section', text: { type: 'mrkdwn', text: short } };
}

/** Slack's three characters that mean something: with them escaped a text can neither link nor call anybody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
