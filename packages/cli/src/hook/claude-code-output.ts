import type { Verdict } from './run-hook.ts';

/** Events that hold a tool call up until they are answered. */
export const GATED_EVENT = 'PreToolUse';

/**
 * What Claude Code reads from its hook's standard output. Nothing where nothing stands against the call: an `allow` would
 * keep Claude Code from asking its own person, and is given only where people have said so.
 */
export function claudeCodeOutput(verdict: Verdict): string {
  if (verdict.decision === 'none') return '';
  const { decision: permissionDecision, reason: permissionDecisionReason } = verdict;
  const edited = verdict.decision === 'allow' && verdict.arguments !== null ? { updatedInput: verdict.arguments } : {};
  const hookSpecificOutput = { hookEventName: GATED_EVENT, permissionDecision, permissionDecisionReason, ...edited };
  return `${JSON.stringify({ hookSpecificOutput })}\n`;
}
