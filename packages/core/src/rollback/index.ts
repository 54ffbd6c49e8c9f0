export * from './conflicts/index.ts';
export * from './diff/index.ts';
export * from './monitoring/index.ts';
export * from './operations/index.ts';
export * from './points/index.ts';
export * from './undo/index.ts';
