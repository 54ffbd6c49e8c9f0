export { Playback, type PlaybackNews, type PlaybackOptions } from './playback.ts';
export type { FramePage } from './read-recording.ts';
export { Recorder } from './recorder.ts';
export {
  type Frame,
  type FrameFilter,
  findingSchema,
  frameFilterSchema,
  frameSchema,
  type MakeRecording,
  makeRecordingSchema,
  type Recording,
  recordingSchema,
  type StartRecording,
  startRecordingSchema,
} from './recording.ts';
export type { RecordingStatistics } from './recording-list-store.ts';
export { Recordings } from './recordings.ts';
export { type ExportedRecording, exportedRecordingSchema } from './transfer-recording.ts';
