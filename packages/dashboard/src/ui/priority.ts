/** Priorities as people say them (ORC-009); the index is the number on the wire. */
export const PRIORITIES: readonly { value: string; label: string }[] = [
  { value: '0', label: 'Critical' },
  { value: '1', label: 'High' },
  { value: '2', label: 'Medium' },
  { value: '3', label: 'Low' },
  { value: '4', label: 'Deferred' },
];

export const SESSION_TYPES = ['planning', 'execution', 'review', 'debug', 'integration'] as const;
export const RUNTIMES = ['command', 'opencode', 'claude-code'] as const;
