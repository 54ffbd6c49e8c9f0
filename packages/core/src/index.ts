// What other packages may use of core, room by room. Rooms export from their own index what is public; nothing else is.
export * from './agents/index.ts';
export * from './approvals/index.ts';
export * from './audit/index.ts';
export { type Core, type CoreOptions, createCore } from './core.ts';
export * from './journal/index.ts';
export * from './knowledge/index.ts';
export * from './locks/index.ts';
export * from './platform/index.ts';
export * from './policies/index.ts';
export * from './projects/index.ts';
export * from './rollback/index.ts';
export * from './sessions/index.ts';
export * from './specs/index.ts';
export * from './tasks/index.ts';
export * from './threads/index.ts';
export * from './topology/index.ts';
export * from './webhooks/index.ts';
export * from './workspaces/index.ts';
