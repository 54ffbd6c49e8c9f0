/** Paths of sources that are read with their types. Apart from what reads them: the compiler takes long to load. */
export const SOURCE_FILE = /\.[cm]?[jt]sx?$/;
