import type { Approval } from '@signalbox/client';

type Arguments = Approval['arguments'];

/** One argument of a call as somebody edits it: text as it is, everything else as JSON. */
export interface ArgumentField {
  name: string;
  kind: 'text' | 'json';
  text: string;
}

export function argumentFields(given: Arguments): ArgumentField[] {
  return Object.entries(given).map(([name, value]) =>
    typeof value === 'string'
      ? { name, kind: 'text', text: value }
      : { name, kind: 'json', text: JSON.stringify(value, null, 2) },
  );
}

/** What is wrong with a field; null where nothing is. */
export function fieldError({ kind, text }: ArgumentField): string | null {
  if (kind === 'text') return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `It is no JSON: ${error instanceof Error ? error.message : error}`;
  }
}

/** The arguments that the fields say. Throws where one of them has an error. */
export function argumentsOf(fields: readonly ArgumentField[]): Arguments {
  return Object.fromEntries(
    fields.map(({ name, kind, text }) => [name, kind === 'text' ? text : (JSON.parse(text) as Arguments[string])]),
  );
}

/** Whether the approver may put other arguments in place of those asked for. The server has the last word. */
export function isEditable({ subject, quorum, status }: Pick<Approval, 'subject' | 'quorum' | 'status'>): boolean {
  return status === 'pending' && subject === 'tool_call' && quorum === 1;
}
