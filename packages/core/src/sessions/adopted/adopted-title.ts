import { createSessionSchema } from '../session.ts';
import type { AdoptedSource } from './adopted-event.ts';

const NAMES: Readonly<Record<AdoptedSource, string>> = { 'claude-code': 'Claude Code', opencode: 'OpenCode' };
const LONGEST = 80;
const { title: titleSchema, initialPrompt: promptSchema } = createSessionSchema.shape;

/** How a session is called that a person started: by the first line of what was asked for, else by agent and directory. */
export function titleOf(source: AdoptedSource, directory: string, prompt: string | null, suffix: string): string {
  const line = prompt?.split('\n').find((each) => each.trim() !== '') ?? '';
  const short = line.trim().length > LONGEST ? `${line.trim().slice(0, LONGEST).toWellFormed()}…` : line.trim();
  const asked = titleSchema.safeParse(short);
  const title = asked.success ? asked.data : `${NAMES[source]} in ${directory}`.slice(0, LONGEST);
  return `${title}${suffix}`.replaceAll('\0', '');
}

/** What was asked for, as far as it is known. */
export function promptOf(source: AdoptedSource, prompt: string | null): string {
  const given = promptSchema.safeParse((prompt ?? '').replaceAll('\0', '').toWellFormed());
  return given.success ? given.data : `(not told by ${NAMES[source]})`;
}
