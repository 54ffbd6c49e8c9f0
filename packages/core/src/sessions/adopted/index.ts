export {
  type AdoptedAnswer,
  type AdoptedEvent,
  type AdoptedReport,
  type AdoptedSource,
  adoptedAnswerSchema,
  adoptedEventSchema,
  adoptedSourceSchema,
} from './adopted-event.ts';
export { AdoptedSessions, type Reporter } from './adopted-sessions.ts';
