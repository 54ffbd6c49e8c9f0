export { blobOid, missingDirectories, pathContent } from './path-state.ts';
export { DIRECTORY, type PathState, type PlannedWrite, plannedWrites, sameState } from './planned-write.ts';
export type { PathWriter, WriteStep } from './write-path.ts';
export { restorePlan, surveyPlan, type WriteOutcome, writePlan } from './write-plan.ts';
