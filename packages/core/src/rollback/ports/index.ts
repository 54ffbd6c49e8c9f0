export { type ConfigurationRooms, configurationPort } from './configuration-port.ts';
export { type FilePort, type FileSnapshot, type FileState, filePort } from './file-port.ts';
export { type GraphEntity, type GraphPort, type GraphRelationship, graphPorts } from './graph-port.ts';
export { LAST_ROLLBACK, sessionPort } from './session-port.ts';
export {
  CAPTURED_OUTSIDE,
  type GroupPort,
  type ItemPort,
  type StateItem,
  type StatePort,
  type StateScope,
  type StateWrite,
  type WriteOrigin,
} from './state-port.ts';
export { StatePorts } from './state-ports.ts';
export { WorkspaceFiles } from './workspace-files.ts';
