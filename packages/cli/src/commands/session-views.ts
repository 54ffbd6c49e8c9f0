import type { SessionDetail, SessionTree } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import { oneLine } from '../output/display-width.ts';
import { errorText } from '../output/error-text.ts';
import { statusColour } from '../output/status-colour.ts';
import type { Style } from '../output/style.ts';
import { formatDuration, formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';

export function registerSessionViews(sessions: Command, registry: Registry): void {
  sessions
    .command('show <session>')
    .description('show one session with its metrics')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const id = await resolveSession(client, reference);
        const session = await client.sessions.get(id, ['metrics', 'checkpoints', 'children']);
        out.document(session);
        out.fields(describe(session, out.style));
      }),
    );

  sessions
    .command('tree <session>')
    .description('show a session and those under it')
    .option('--depth <levels>', 'how deep', positiveInteger)
    .action(
      action<[string], { depth?: number }>(registry, async ({ client, out }, [reference], { depth }) => {
        const tree = await client.sessions.tree(await resolveSession(client, reference), depth);
        out.document(tree);
        out.line(renderTree(tree, out.style).join('\n'));
      }),
    );
}

function describe(session: SessionDetail, style: Style): [string, string | null][] {
  const { metrics } = session;
  const tokens = metrics?.totalTokensUsed ?? null;
  const cost = metrics?.estimatedCostMicroUsd ?? null;
  const error = errorText(metrics?.error);
  return [
    ['session', session.id],
    ['title', oneLine(session.title)],
    ['status', `${style(statusColour(session.status), session.status)} since ${formatTime(session.statusUpdatedAt)}`],
    ['attempt', `${session.attempt} (at most ${session.maxRetries} retries)`],
    ['runtime', session.runtime],
    ['command', session.command?.join(' ') ?? null],
    ['prompt', session.command === null ? oneLine(session.initialPrompt) : null],
    ['workspace', session.workspaceId],
    ['isolation', session.isolation === 'shared' ? null : 'apart, in a work tree (`signalbox worktrees list`)'],
    ['agents', session.agentIds.length === 0 ? null : session.agentIds.join(', ')],
    ['code state', session.codeState],
    ['journal', `${session.lastSeq} events`],
    ['created', `${formatTime(session.createdAt)}${session.createdBy === null ? '' : ` by ${session.createdBy}`}`],
    ['ran for', duration(metrics?.executionDurationSeconds)],
    ['CPU', duration(metrics?.cpuSeconds)],
    ['memory', metrics?.memoryUsageMb == null ? null : `${Math.round(metrics.memoryUsageMb)} MB at most`],
    ['tokens', tokens],
    ['cost', cost === null ? null : `$${(Number(cost) / 1e6).toFixed(4)}`],
    ['checkpoints', session.checkpoints?.length ? String(session.checkpoints.length) : null],
    ['children', session.childIds?.length ? session.childIds.join(', ') : null],
    ['error', error === null ? null : style('red', error)],
    ['parent', session.parentId],
    ['version', String(session.version)],
  ];
}

function duration(seconds: number | null | undefined): string | null {
  return seconds === null || seconds === undefined ? null : formatDuration(seconds);
}

function renderTree(tree: SessionTree, style: Style): string[] {
  const own = `${oneLine(tree.title)}  ${style(statusColour(tree.status), tree.status)}  ${style('dim', tree.id)}`;
  const below = tree.children.flatMap((child, index) => {
    const last = index === tree.children.length - 1;
    const [first = '', ...rest] = renderTree(child, style);
    return [`${last ? '└─ ' : '├─ '}${first}`, ...rest.map((line) => `${last ? '   ' : '│  '}${line}`)];
  });
  return [own, ...below];
}
