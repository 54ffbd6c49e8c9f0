import type pg from 'pg';
import type { Partition } from './archive-format.ts';
import { readPartitions } from './catalog.ts';

/**
 * Gives empty partitioned tables the partitions of the archive: partitions come and go with time, so those of a new database are others. What a
 * new partition needs besides (indexes, triggers) it gets from its parent.
 */
export async function matchPartitions(client: pg.ClientBase, wanted: readonly Partition[]): Promise<void> {
  const present = await readPartitions(client);
  const isSame = (a: Partition, b: Partition) =>
    a.name === b.name && a.parent === b.parent && a.bound === b.bound && a.key === b.key;
  for (const partition of present.toReversed()) {
    if (!wanted.some((other) => isSame(partition, other)))
      await client.query(`DROP TABLE IF EXISTS ${partition.name} CASCADE`);
  }
  const kept = await readPartitions(client);
  for (const partition of wanted) {
    if (kept.some((other) => isSame(partition, other))) continue;
    const { name, parent, bound, key } = partition;
    await client.query(
      `CREATE TABLE ${name} PARTITION OF ${parent} ${bound}${key === null ? '' : ` PARTITION BY ${key}`}`,
    );
  }
}
