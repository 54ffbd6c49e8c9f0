/** What is used of it; it brings no types. */
declare module '@bcoe/v8-coverage' {
  interface ScriptCoverage {
    url: string;
    functions: {
      functionName: string;
      ranges: { startOffset: number; endOffset: number; count: number }[];
      isBlockCoverage: boolean;
    }[];
  }
  /** Adds up coverage of one source; may change what it is given. */
  export function mergeScriptCovs(scripts: ScriptCoverage[]): ScriptCoverage | undefined;
}
