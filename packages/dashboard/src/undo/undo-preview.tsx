import { Button, Skeleton } from '@mantine/core';
import { ApiError, type PreviewUndo, type Undo } from '@signalbox/client';
import { IconArrowBackUp, IconRefresh } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { LineCounts } from '../session/file-change-line.tsx';
import { FileTree } from '../ui/file-tree.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { DependentChanges } from './dependent-changes.tsx';
import { LeftOut } from './left-out.tsx';
import { PathPanel } from './path-panel.tsx';
import { PlanSummary } from './plan-summary.tsx';
import { PreviewBar } from './preview-bar.tsx';
import { type HowToUndo, StartDialog } from './start-dialog.tsx';
import {
  narrowed,
  type Resolution,
  requestOf,
  type UndoChoices,
  withDependent,
  withResolution,
} from './undo-choices.ts';
import { OUTCOME_LOOKS, outcomeCounts, type UndonePath } from './undo-looks.ts';
import classes from './undo-preview.module.css';
import { useUndoPreview } from './use-undos.ts';

interface Props {
  /** What is to be undone before anything is chosen. */
  base: PreviewUndo['selection'];
  choices: UndoChoices;
  onChoices: (choices: UndoChoices) => void;
  /** The path that is looked at. */
  file: string | undefined;
  onFile: (path: string) => void;
  verb: 'Undo' | 'Redo';
  /** Whether parts of it can be left out. */
  divisible: boolean;
  start: (request: PreviewUndo, how: HowToUndo) => Promise<Undo>;
}

/** The world may have moved between preview and undo: then these are the answers. */
const MOVED = ['UNDO_PLAN_CHANGED', 'UNDO_CONFLICT', 'UNDO_PATH_CHANGED'];

/** What an undo would do, path by path; what is left out, how conflicts are answered, and the undo itself. */
export function UndoPreview(props: Props) {
  const { base, choices, onChoices, file, onFile, verb, divisible, start } = props;
  const navigate = useNavigate();
  const [resolutions, setResolutions] = useState<readonly Resolution[]>([]);
  const [starting, setStarting] = useState(false);
  const [moved, setMoved] = useState(false);

  const wholeRequest = requestOf(base, choices, resolutions);
  const whole = useUndoPreview(wholeRequest);
  const request = whole.data === undefined ? wholeRequest : narrowed(whole.data, wholeRequest, choices.leave);
  const part = useUndoPreview(request);
  const plan = request === null ? undefined : part.data;

  if (whole.data === undefined) {
    return whole.error === null ? (
      <Skeleton height={240} m="md" aria-label="Computing what the undo would do" />
    ) : (
      <NoPreview error={whole.error} onAgain={() => void whole.refetch()} />
    );
  }
  const planned = new Map((plan?.paths ?? []).map((path) => [path.path, path]));
  const left = new Set(choices.leave);
  const paths = [...new Map([...whole.data.paths, ...planned.values()].map((path) => [path.path, path])).values()];
  const chosen =
    paths.find(({ path }) => path === file) ?? paths.find(({ outcome }) => outcome === 'conflict') ?? paths[0];
  const counts = outcomeCounts(plan?.paths ?? []);
  const writes = counts.restored + counts.merged;
  const computing = whole.isFetching || part.isFetching;
  const again = async () => {
    await whole.refetch();
    if (request !== wholeRequest) await part.refetch();
  };
  const answer = (at: { path: string; position: number }, resolution: Pick<Resolution, 'answer' | 'text'> | null) =>
    setResolutions(withResolution(resolutions, at, resolution));
  const tick = (items: readonly UndonePath[], on: boolean) => {
    const names = items.map(({ path }) => path);
    const others = choices.leave.filter((path) => !names.includes(path));
    onChoices({ ...choices, leave: on ? others : [...others, ...names] });
  };

  return (
    <>
      <PreviewBar
        state={computing ? 'Computing…' : whatHolds(counts.conflict, writes)}
        computing={computing}
        onAgain={() => void again()}
        verb={verb}
        icon={IconArrowBackUp}
        ready={plan !== undefined && counts.conflict === 0 && writes > 0}
        onStart={() => setStarting(true)}
      >
        <PlanSummary counts={counts} leftOut={whole.data.leftOut.length} left={choices.leave.length} />
      </PreviewBar>
      {moved && (
        <p className={classes.moved} data-tone="caution" role="alert">
          Somebody changed something meanwhile, so nothing was written. This is what it would do now: look, and repeat.
        </p>
      )}
      {(whole.error ?? part.error) !== null && <ProblemNote error={whole.error ?? part.error} />}
      <div className={classes.body}>
        <div className={classes.side}>
          <FileTree
            label="What becomes of each path"
            items={paths}
            chosen={chosen?.path ?? null}
            onChoose={onFile}
            ticks={divisible ? { has: ({ path }) => !left.has(path), set: tick } : undefined}
            mark={({ path }) => <PathMark path={planned.get(path)} />}
          />
          {divisible && (
            <LeftOut
              leftOut={whole.data.leftOut}
              included={choices.include}
              onChange={(include) => onChoices({ ...choices, include })}
            />
          )}
          <DependentChanges
            plan={plan ?? whole.data}
            answers={choices.dependents}
            onAnswer={(changeId, one) =>
              onChoices({ ...choices, dependents: withDependent(choices.dependents, changeId, one) })
            }
          />
        </div>
        {chosen !== undefined && (
          <PathPanel
            key={chosen.path}
            path={planned.get(chosen.path) ?? chosen}
            left={!planned.has(chosen.path)}
            conflicts={(plan?.conflicts ?? []).filter(({ paths: about }) => about.includes(chosen.path))}
            resolutions={resolutions}
            onAnswer={answer}
          />
        )}
      </div>
      {starting && plan !== undefined && request !== null && (
        <StartDialog
          verb={verb}
          counts={counts}
          commits={plan.commits}
          onStart={async (how) => {
            const undo = await start(request, { ...how, expectedPlan: plan.digest });
            void navigate({ to: '/undos/$undoId', params: { undoId: undo.id } });
          }}
          onRefused={(error) => {
            if (!ApiError.is(error) || !MOVED.includes(error.code)) return false;
            setStarting(false);
            setMoved(true);
            void again();
            return true;
          }}
          onClose={() => setStarting(false)}
        />
      )}
    </>
  );
}

function PathMark({ path }: { path: UndonePath | undefined }) {
  if (path === undefined) return <span className={classes.quiet}>left as it is</span>;
  const { outcome, additions, deletions, binary } = path;
  return (
    <>
      {additions + deletions > 0 && <LineCounts additions={additions} deletions={deletions} binary={binary} />}
      <LookBadge look={OUTCOME_LOOKS[outcome]} status={outcome} />
    </>
  );
}

function whatHolds(conflicts: number, writes: number): string {
  if (conflicts > 0) return conflicts === 1 ? 'One path waits for an answer' : `${conflicts} paths wait for an answer`;
  return writes === 0 ? 'Nothing would be written' : 'Nothing is written yet';
}

function NoPreview({ error, onAgain }: { error: Error; onAgain: () => void }) {
  return (
    <div className={classes.none}>
      <ProblemNote error={error} />
      <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={onAgain}>
        Preview again
      </Button>
    </div>
  );
}
