import type { Approval } from './approval.ts';

/** What an agent is told whose run had ended before its call was answered; null where nobody has answered. */
export function answerToAgent({ subject, status, summary, reason, decidedBy }: Approval): string | null {
  if (subject !== 'tool_call') return null;
  const what = `You had asked to make this call: ${summary}.`;
  const said = reason === null ? '' : ` (${reason})`;
  switch (status) {
    case 'approved':
      return `${what} ${decidedBy} has approved it${said}. Make exactly the same call again: it passes once.`;
    case 'rejected':
      return `${what} ${decidedBy} has rejected it${said}. Do not make it; do the work in another way.`;
    case 'expired':
      return `${what} Nobody answered in time, so it is refused. Do the work in another way.`;
    case 'pending':
    case 'withdrawn':
      return null;
  }
}
