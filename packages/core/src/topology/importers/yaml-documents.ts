import { parseAllDocuments } from 'yaml';
import { SignalboxError } from '../../platform/errors/index.ts';
import { isTooDeep } from '../../platform/json/storable-json.ts';

/** Most characters of a document that is imported. */
export const MOST_TEXT = 1_000_000;
/** Most YAML documents of one text, and most aliases that one of them may resolve: ten lines can mean gigabytes. */
const MOST_DOCUMENTS = 2_000;
const MOST_ALIASES = 100;

export type YamlFormat = 'backstage' | 'compose' | 'kubernetes';

/** That a text cannot be imported, and why. */
export function unreadable(format: string, reason: string, cause?: unknown): SignalboxError {
  return new SignalboxError('IMPORT_UNREADABLE', { format, reason }, { cause });
}

/** The documents of a YAML text (JSON is YAML too), without the empty ones. @throws IMPORT_UNREADABLE */
export function yamlDocuments(format: YamlFormat, text: string): unknown[] {
  if (text.length > MOST_TEXT) {
    throw unreadable(format, `it has ${text.length} characters; split it into texts of at most ${MOST_TEXT}`);
  }
  try {
    const documents = parseAllDocuments(text, { merge: true, logLevel: 'silent' });
    if (!Array.isArray(documents)) return [];
    if (documents.length > MOST_DOCUMENTS) throw new Error(`it holds more than ${MOST_DOCUMENTS} documents`);
    const values = documents.map((document, n) => {
      const [error] = document.errors;
      if (error) throw new Error(`document ${n + 1}: ${error.message.split('\n')[0]}`);
      return document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown;
    });
    if (values.some((value) => isTooDeep(value))) throw new Error('it nests too deep');
    return values.filter((value) => value !== null && value !== undefined);
  } catch (error) {
    // A parser that nests as deep as the text does runs out of its stack.
    const { message } = error as Error;
    const reason = /call stack/i.test(message) ? 'it nests too deep' : message;
    throw unreadable(format, reason, error);
  }
}
