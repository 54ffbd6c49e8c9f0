import type { KnownEntity } from '../history/timeline.ts';

/** Characters of a text that is embedded: models take no more than some thousand words. */
const MOST_TEXT = 8_000;

/** What of an entity is embedded (KG-184); null where it says nothing. */
export function entityText({ entity }: Pick<KnownEntity, 'entity'>): string | null {
  const text = (name: string) => (typeof entity[name] === 'string' ? String(entity[name]) : '');
  const parts = partsOf(entity.type, entity.kind, text);
  const joined = parts
    .filter((part) => part !== '')
    .join(' ')
    .trim();
  return joined === '' ? null : joined.slice(0, MOST_TEXT).toWellFormed();
}

function partsOf(type: string, kind: unknown, text: (name: string) => string): string[] {
  if (type === 'symbol' && kind === 'class') return [text('path'), text('name'), text('docstring')];
  if (type === 'symbol' && kind === 'function') return [text('path'), text('signature'), text('docstring')];
  if (type === 'symbol') return [text('path'), text('signature'), text('docstring')];
  if (type === 'file') return [text('path'), text('extension'), text('language')];
  if (type === 'documentation') return [text('title'), text('content')];
  return [text('path') || text('name') || text('title') || text('id'), text('description'), type];
}
