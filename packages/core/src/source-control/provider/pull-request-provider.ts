/** What is to be merged, and with what words. */
export interface PullRequestWanted {
  /** Where the repository is fetched from. */
  remoteAddress: string;
  branch: string;
  title: string;
  body: string;
  labels: readonly string[];
}

/** Where repositories lie and pull requests are opened. */
export interface PullRequestProvider {
  readonly name: string;
  /** Whether a repository that is fetched from there is one of its. */
  has(remoteAddress: string): boolean;
  /** Opens one, or answers the one that is open for the branch. @throws ProviderFailure */
  open(wanted: PullRequestWanted): Promise<{ url: string }>;
}

/** Why a provider did not do what it was asked. */
export class ProviderFailure extends Error {
  readonly code: string;
  /** Whether it may do so when it is asked again. */
  readonly mayPass: boolean;

  constructor(message: string, { code, mayPass }: { code: string; mayPass: boolean }) {
    super(message);
    this.name = 'ProviderFailure';
    this.code = code;
    this.mayPass = mayPass;
  }
}
