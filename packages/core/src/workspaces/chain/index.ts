export { type Blame, type BlamedLine, blamedLineSchema, blameSchema } from './blamed-line.ts';
export {
  type CaptureRetention,
  type CaptureStorage,
  CaptureStores,
  captureStorageSchema,
  type TreeKeeper,
} from './capture-storage.ts';
export { CAPTURE_FIELDS } from './capture-store.ts';
export { type ChangeScope, WORKSPACE_CHANGE_FIELDS } from './change-list-store.ts';
export type { ExpectedWrite, WindowOwner } from './change-window.ts';
export { type NetChange, netChangeSchema, netChanges } from './net-changes.ts';
export { type FileDiff, fileDiffSchema, type SessionDiff, sessionDiffSchema } from './session-diff.ts';
export {
  CAPTURE_REASONS,
  type CaptureReason,
  captureReasonSchema,
  type WorkspaceCapture,
  workspaceCaptureSchema,
} from './workspace-capture.ts';
export { type ChainStep, type OnChanges, WorkspaceChain } from './workspace-chain.ts';
export {
  ATTRIBUTIONS,
  type Attribution,
  attributionSchema,
  CHANGE_OPERATIONS,
  type ChangeCandidate,
  changeCandidateSchema,
  type WorkspaceChange,
  workspaceChangeSchema,
} from './workspace-change.ts';
export { WorkspaceChanges } from './workspace-changes.ts';
