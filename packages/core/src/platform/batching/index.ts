export { Batcher, type BatcherOptions, type BatchObserver, type Outcome } from './batcher.ts';
