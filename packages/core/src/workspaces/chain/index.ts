export { type ChangeScope, WORKSPACE_CHANGE_FIELDS } from './change-list-store.ts';
export {
  CAPTURE_REASONS,
  type CaptureReason,
  captureReasonSchema,
  type WorkspaceCapture,
  workspaceCaptureSchema,
} from './workspace-capture.ts';
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
