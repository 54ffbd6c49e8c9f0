export {
  type ApiKey,
  apiKeySchema,
  type CreateKey,
  createKeySchema,
  ROLES,
  type Role,
  type RotateKey,
  roleAllows,
  roleSchema,
  rotateKeySchema,
} from './api-key.ts';
export { ApiKeys } from './api-keys.ts';
export { BROWSER_SESSION_SECONDS, type BrowserSession, browserSessionSchema } from './browser-session.ts';
export { BrowserSessions } from './browser-sessions.ts';
export {
  type CreateProject,
  createProjectSchema,
  DEFAULT_PROJECT,
  type Project,
  projectSchema,
  type UpdateProject,
  updateProjectSchema,
} from './project.ts';
export { findProject } from './project-store.ts';
export { Projects } from './projects.ts';
