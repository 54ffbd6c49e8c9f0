import { putContents } from '../platform/content/index.ts';
import type { Executor } from '../platform/database/index.ts';
import type { PlacedValue } from './held-values.ts';
import { INLINE_VALUE_BYTES, type TypedBytes } from './thread.ts';

/** What a channel without a value has for its type. */
const EMPTY: PlacedValue = { type: 'empty', value: null, digest: null };

/** Puts the large ones of these values among the contents of their projects, and says for each where it stands. */
export async function placeValues(
  db: Executor,
  values: readonly { projectId: string; value: TypedBytes | null }[],
): Promise<PlacedValue[]> {
  const large = new Map<string, Uint8Array[]>();
  for (const { projectId, value } of values) {
    if (value && value.bytes.length > INLINE_VALUE_BYTES)
      large.set(projectId, [...(large.get(projectId) ?? []), value.bytes]);
  }
  const digests = new Map<Uint8Array, Buffer>();
  for (const [projectId, bodies] of large) {
    const names = await putContents(db, projectId, bodies);
    for (const [index, body] of bodies.entries()) digests.set(body, Buffer.from(names[index] ?? '', 'hex'));
  }
  return values.map(({ value }) => {
    if (!value) return EMPTY;
    const digest = digests.get(value.bytes) ?? null;
    return { type: value.type, value: digest ? null : value.bytes, digest };
  });
}
