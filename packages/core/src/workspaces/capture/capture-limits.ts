/** What a capture takes at most; what is beyond is left out and named. */
export interface CaptureLimits {
  /** Bytes of one file. */
  fileBytes: number;
  /** Bytes of all files together. */
  treeBytes: number;
}

export const DEFAULT_CAPTURE_LIMITS: CaptureLimits = { fileBytes: 100 * 1024 ** 2, treeBytes: 4 * 1024 ** 3 };
