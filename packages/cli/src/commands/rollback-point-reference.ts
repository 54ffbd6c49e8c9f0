import type { Client, RollbackPoint } from '@signalbox/client';
import { UsageError } from '../usage-error.ts';

/** By id, or by the name of the newest that has it. */
export async function findPoint(client: Client, reference: string): Promise<RollbackPoint> {
  for (let page = 1; ; page++) {
    const { items, total, pageSize } = await client.rollback.points({ page, pageSize: 100 });
    const found = items.find(({ id, name }) => id === reference || name === reference);
    if (found) return found;
    if (page * pageSize >= total) throw new UsageError(`There is no rollback point "${reference}".`);
  }
}
