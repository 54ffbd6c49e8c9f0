import { readFile } from 'node:fs/promises';
import type { NamedCall } from './tool-paths.ts';

type Arguments = NamedCall['arguments'];

/**
 * The text that a call should leave behind in a file; null where its arguments do not tell.
 * @param file absolute path
 */
export async function proposedText(file: string, { tool, arguments: given }: NamedCall): Promise<string | null> {
  switch (tool.toLowerCase()) {
    case 'write':
      return typeof given.content === 'string' ? given.content : null;
    case 'edit':
      return replaceAll(file, [given]);
    case 'multiedit':
      return Array.isArray(given.edits) ? replaceAll(file, given.edits as Arguments[]) : null;
    default:
      return null;
  }
}

/** The file after replacements, one after the other; null where one of them does not fit exactly. */
async function replaceAll(file: string, edits: readonly Arguments[]): Promise<string | null> {
  let text = await readFile(file, 'utf8').catch(() => '');
  for (const edit of edits) {
    const old = edit.oldString ?? edit.old_string;
    const fresh = edit.newString ?? edit.new_string;
    if (typeof old !== 'string' || typeof fresh !== 'string') return null;
    const all = (edit.replaceAll ?? edit.replace_all) === true;
    if (old === '') {
      if (text !== '') return null;
      text = fresh;
      continue;
    }
    const parts = text.split(old);
    if (parts.length < 2 || (parts.length > 2 && !all)) return null;
    text = parts.join(fresh);
  }
  return text;
}
