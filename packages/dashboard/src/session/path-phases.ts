/** What a run's phases that are about paths say to people; others are named as they are. */
const WORDS: Readonly<Record<string, string>> = {
  conflict: 'Another session works on the same path',
  paths_waiting: 'Waits for paths that another session has claimed',
  paths_granted: 'Got the paths it waited for',
  paths_refused: 'Was refused paths that another session has claimed',
};

export function phaseWords(phase: string | undefined): string {
  if (phase === undefined) return 'status';
  return Object.hasOwn(WORDS, phase) ? (WORDS[phase] ?? phase) : phase;
}

/** The paths that such a phase names. Anybody may append to a journal: what is no text is left out. */
export function pathsOf(detail: Readonly<Record<string, unknown>> | null | undefined): string[] {
  const named = detail?.paths ?? [detail?.path];
  return Array.isArray(named) ? named.filter((path) => typeof path === 'string') : [];
}
