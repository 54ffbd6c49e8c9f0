import type { Conflict, CreatePathClaim, PathClaim } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { duration } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const CLAIM_COLUMNS: Column<PathClaim>[] = [
  { header: 'ID', value: (claim) => claim.id },
  { header: 'STATUS', value: (claim) => claim.status },
  { header: 'MODE', value: (claim) => claim.mode },
  { header: 'PATHS', value: (claim) => pathsOf(claim), flexible: true },
  { header: 'SESSION', value: (claim) => claim.sessionId },
  { header: 'SINCE', value: (claim) => formatTime(claim.grantedAt ?? claim.requestedAt) },
];

const CONFLICT_COLUMNS: Column<Conflict>[] = [
  { header: 'ID', value: (conflict) => conflict.id },
  { header: 'KIND', value: (conflict) => conflict.kind },
  { header: 'PATH', value: (conflict) => conflict.path, flexible: true },
  { header: 'SESSIONS', value: (conflict) => conflict.sessionIds.join(' ') },
  { header: 'LAST SEEN', value: (conflict) => formatTime(conflict.lastSeenAt) },
  { header: 'SEEN BY', value: (conflict) => conflict.acknowledgedBy ?? '' },
];

interface ClaimOptions {
  session?: string;
  shared?: true;
  refuse?: true;
  wait?: number;
  ttl?: number;
}

export function registerPaths(program: Command, registry: Registry): void {
  const paths = program.command('paths').description('claim files for a session, and see who is in whose way');

  listOptions(paths.command('list').description('list what is claimed and waited for')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.pathClaims.list(listQuery(options));
      out.document(page);
      out.table(page.items, CLAIM_COLUMNS, 'No paths are claimed.');
      noteFurtherPages(out, page);
    }),
  );

  paths
    .command('claim <paths...>')
    .description('claim files, directories or globs; relative to the session’s workspace')
    .option('--session <id>', 'for which session; by default the one whose run this is called from')
    .option('--shared', 'only keep them as they are, together with others who do')
    .option('--refuse', 'do not wait for whoever has claimed them')
    .option('--wait <duration>', 'longest wait, up to 4m', duration)
    .option('--ttl <duration>', 'how long it lasts; by default as long as the session’s run', duration)
    .action(
      action<[names: string[]], ClaimOptions>(registry, async ({ client, out, io }, [names], options) => {
        const reference = options.session ?? io.env.SIGNALBOX_SESSION_ID;
        if (!reference) throw new UsageError('Say for which session, with --session <id>.');
        const claim = await client.pathClaims.claim({
          sessionId: await resolveSession(client, reference),
          paths: names as CreatePathClaim['paths'],
          ...(options.shared && { mode: 'shared' }),
          ...(options.refuse ? { conflict: 'refuse' } : {}),
          ...(options.wait === undefined ? {} : { conflict: 'wait', waitSeconds: options.wait }),
          ...(options.ttl === undefined ? {} : { ttlSeconds: options.ttl }),
        });
        out.document(claim);
        const until = claim.expiresAt === null ? 'until its run ends' : `until ${formatTime(claim.expiresAt)}`;
        out.line(
          `Claimed ${out.style('bold', pathsOf(claim))} for session ${claim.sessionId}, ${until} (${claim.id}).`,
        );
      }),
    );

  paths
    .command('release <claim>')
    .description('let go of a claim, or stop waiting for it')
    .option('--force <reason>', 'take it away over its holder’s head; the reason is kept')
    .action(
      action<[id: string], { force?: string }>(registry, async ({ client, out }, [id], { force }) => {
        const claim =
          force === undefined
            ? await client.pathClaims.release(id, (await client.pathClaims.get(id)).fencingToken)
            : await client.pathClaims.forceRelease(id, force);
        out.document(claim);
        out.line(`Released ${pathsOf(claim)} of session ${claim.sessionId}.`);
      }),
    );

  listOptions(paths.command('conflicts').description('list sessions that got into each other’s way'))
    .option('--session <id>', 'only those of one session')
    .action(
      action<[], ListOptions & { session?: string }>(registry, async ({ client, out }, _args, options) => {
        const query = listQuery(options);
        const page =
          options.session === undefined
            ? await client.conflicts.list(query)
            : await client.conflicts.ofSession(await resolveSession(client, options.session), query);
        out.document(page);
        out.table(page.items, CONFLICT_COLUMNS, 'Nobody is in anybody’s way.');
        noteFurtherPages(out, page);
      }),
    );

  paths
    .command('acknowledge <conflict>')
    .description('say that a conflict has been seen')
    .action(
      action<[id: string], object>(registry, async ({ client, out }, [id]) => {
        const conflict = await client.conflicts.acknowledge(id);
        out.document(conflict);
        out.line(`Seen: ${conflict.path} (${conflict.sessionIds.join(' and ')}).`);
      }),
    );
}

function pathsOf(claim: PathClaim): string {
  return claim.paths.map(({ path }) => path).join(', ');
}
