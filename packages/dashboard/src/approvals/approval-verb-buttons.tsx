import type { Approval } from '@signalbox/client';
import { ActionButton } from '../ui/action-button.tsx';
import { type ApprovalVerb, availableVerbs, VERBS } from './approval-verbs.ts';

interface Props {
  approval: Approval;
  onChoose: (verb: ApprovalVerb) => void;
}

/** The verbs of an approval that waits. */
export function ApprovalVerbButtons({ approval, onChoose }: Props) {
  return availableVerbs(approval).map((verb) => {
    const { label, icon } = VERBS[verb];
    return <ActionButton key={verb} label={`${label}…`} icon={icon} loading={false} ask={() => onChoose(verb)} />;
  });
}
