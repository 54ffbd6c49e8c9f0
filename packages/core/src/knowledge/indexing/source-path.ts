import { languageOfPath } from '../indexers/structure/languages.ts';
import { SOURCE_FILE } from '../indexers/typescript/source-file.ts';

/** Whether a file is code of a language that some indexer reads, by its name. */
export function isSourcePath(path: string): boolean {
  return SOURCE_FILE.test(path) || languageOfPath(path) !== null;
}
