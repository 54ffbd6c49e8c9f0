import type { SessionState } from '@signalbox/client';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatCost, formatCount, formatTokens } from '../ui/format.ts';
import { isStatus } from '../ui/status.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import classes from './replay-tab.module.css';

/** What a session was at a moment: folded from its journal, so exact. */
export function StatePanel({ state }: { state: SessionState }) {
  const { usage, toolCalls, openCalls, agentIds, status, codeState, attempt, currentCheckpoint } = state;
  return (
    <section className={classes.state} aria-label="State at this moment">
      <h2 className={classes.heading}>State</h2>
      <Facts>
        <Fact label="Status">{isStatus(status) ? <StatusBadge status={status} /> : status}</Fact>
        <Fact label="Code">{codeState}</Fact>
        <Fact label="Attempt">{attempt}</Fact>
        <Fact label="Agents">{agentIds.length === 0 ? 'none' : agentIds.join(', ')}</Fact>
        <Fact label="Tokens in / out">
          {formatTokens(usage.inputTokens)} / {formatTokens(usage.outputTokens)}
        </Fact>
        <Fact label="Cost">{formatCost(usage.costMicroUsd)}</Fact>
        <Fact label="Tool calls">
          {[
            `${formatCount(toolCalls.made)} made`,
            toolCalls.failed > 0 ? `${formatCount(toolCalls.failed)} failed` : null,
            toolCalls.denied > 0 ? `${formatCount(toolCalls.denied)} denied` : null,
          ]
            .filter((part) => part !== null)
            .join(', ')}
        </Fact>
        <Fact label="Under way">
          {openCalls.length === 0 ? (
            'no call'
          ) : (
            <ul className={classes.calls}>
              {openCalls.map(({ callId, tool, seq, unknown }) => (
                <li key={callId}>
                  {tool} <span className={classes.quiet}>{unknown ? 'outcome unknown' : `since event ${seq}`}</span>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact label="Checkpoint">{currentCheckpoint === null ? 'none yet' : String(currentCheckpoint.sequence)}</Fact>
      </Facts>
    </section>
  );
}
