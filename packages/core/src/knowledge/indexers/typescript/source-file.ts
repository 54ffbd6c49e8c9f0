/** Paths of sources that are read with their types. Apart from what reads them: the compiler takes long to load. */
export const SOURCE_FILE = /\.[cm]?[jt]sx?$/;
/** Beside the sources, what they mean depends on these. */
export const SETUP_FILE =
  /(?:^|\/)(?:tsconfig[^/]*\.json|jsconfig\.json|package\.json|package-lock\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/;
