/** One rule of OpenCode's: the last that matches decides. */
export interface PermissionRule {
  permission: string;
  pattern: string;
  action: 'allow' | 'deny' | 'ask';
}

/** What only looks, or only concerns the agent itself; allowed without asking where OpenCode allows it. */
const HARMLESS = ['read', 'glob', 'grep', 'list', 'lsp', 'todowrite', 'skill', 'task'];

/** Needs somebody at a terminal, and there is nobody. */
const NEEDS_TERMINAL = ['question', 'plan_enter', 'plan_exit'];

/**
 * The rules to lay over an agent's own so that the host decides: what the agent may do unasked becomes a question, what it
 * may not do stays refused, and the order, in which later rules win, is kept.
 *
 * @param ownDirectory what lies in it was put there by OpenCode for the agent to read (cut-off outputs), and stays allowed.
 */
export function askInsteadOfAllow(rules: readonly PermissionRule[], ownDirectory: string): PermissionRule[] {
  const asked = rules.flatMap((rule): PermissionRule[] => {
    if (rule.action !== 'allow' || HARMLESS.includes(rule.permission)) return [rule];
    if (rule.permission === 'external_directory' && rule.pattern.startsWith(`${ownDirectory}/`)) return [rule];
    const question: PermissionRule = { ...rule, action: 'ask' };
    if (rule.permission !== '*') return [question];
    return [question, ...HARMLESS.map((permission): PermissionRule => ({ ...rule, permission }))];
  });
  return [
    ...asked,
    ...NEEDS_TERMINAL.map((permission): PermissionRule => ({ permission, pattern: '*', action: 'deny' })),
  ];
}
