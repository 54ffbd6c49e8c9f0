export { currentTrace, type TraceContext, withTrace } from './trace-context.ts';
