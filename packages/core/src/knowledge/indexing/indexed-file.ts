/** What is remembered of a file that was indexed, so that it need not be again. */
export interface IndexedFile {
  path: string;
  /** Of its bytes. */
  hash: string;
  /** Of what others can see of it. */
  shape: string;
  /** Of the configuration that it was read with. */
  setup: string;
  /** What it says counts everywhere, without being imported. */
  isGlobal: boolean;
  /** Where its imports lead, and those that lead nowhere. */
  imports: string[];
}
