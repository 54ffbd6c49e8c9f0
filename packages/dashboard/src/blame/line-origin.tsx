import type { BlamedLine } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { Copyable } from '../ui/copyable.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatDateTime, NOTHING } from '../ui/format.ts';
import classes from '../undo/undo-preview.module.css';
import { ORIGIN_WORDS } from './origin-words.ts';

/** By whose hand one line came. */
export function LineOrigin({ line: blamed, path }: { line: BlamedLine; path: string }) {
  const { line, attribution, sessionId, callId, tool, actor, at } = blamed;
  const titles = useSessionTitles(sessionId === null ? [] : [sessionId]);
  return (
    <section aria-label="Who wrote the line" aria-live="polite">
      <h2 className={classes.heading} style={{ padding: '0 14px 6px' }}>
        Line {line}
      </h2>
      <Facts>
        <Fact label="How">{ORIGIN_WORDS[attribution ?? 'before']}</Fact>
        <Fact label="Session">
          {sessionId === null ? (
            NOTHING
          ) : (
            <Link to="/sessions/$sessionId" params={{ sessionId }} search={{ tab: 'files', file: path }}>
              {titles.get(sessionId) ?? sessionId}
            </Link>
          )}
        </Fact>
        <Fact label="Tool call">
          {tool ?? NOTHING} {callId !== null && <Copyable text={callId} label="id of the call" />}
        </Fact>
        <Fact label="By">{actor ?? NOTHING}</Fact>
        <Fact label="When">{formatDateTime(at)}</Fact>
      </Facts>
    </section>
  );
}
