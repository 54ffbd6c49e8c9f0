import { createHash } from 'node:crypto';
import type { Indexing, Knowledge } from '../knowledge/index.ts';
import { parseInput } from '../platform/errors/index.ts';
import type { Specs } from '../specs/index.ts';
import type { Workspaces } from '../workspaces/index.ts';
import { analyseProposal } from './analyse-proposal.ts';
import { type AnalysedProposal, type AnalyseProposal, analyseProposalSchema } from './proposal.ts';
import { type ProposedFile, proposedFiles } from './proposed-files.ts';
import type { Validate, Validation } from './validation/validation.ts';
import { Validator, type ValidatorParts } from './validation/validator.ts';

export interface ProposalParts extends ValidatorParts {
  knowledge: Knowledge;
  indexing: Pick<Indexing, 'filesRead'>;
  specs: Pick<Specs, 'get'>;
  workspaces: Pick<Workspaces, 'get'>;
}

/** Changes of code that somebody proposes: what they would break, and whether the code would hold. Neither writes anything. */
export class Proposals {
  readonly #parts: ProposalParts;
  readonly #validator: Validator;

  constructor(parts: ProposalParts) {
    this.#parts = parts;
    this.#validator = new Validator(parts);
  }

  /**
   * KG-290.
   * @throws VALIDATION_FAILED, UNKNOWN_FIELD, WORKSPACE_NOT_FOUND, SPEC_NOT_FOUND, PROPOSAL_STALE, PATH_OUTSIDE_WORKSPACE
   */
  async analyse(projectId: string, input: AnalyseProposal): Promise<AnalysedProposal> {
    const { workspaceId, changes, relatedSpecId } = parseInput(analyseProposalSchema, input);
    const { knowledge, specs, workspaces } = this.#parts;
    const root = (await workspaces.get(projectId, workspaceId)).path;
    const spec = relatedSpecId === undefined ? null : await specs.get(projectId, relatedSpecId);
    const files = await proposedFiles(root, changes);
    const read = await this.#readAsTheyAre(projectId, workspaceId, files);
    return analyseProposal(knowledge, { projectId, changes, files, read, spec });
  }

  /** {@link Validator.validate} */
  validate(projectId: string, input: Validate): Promise<Validation> {
    return this.#validator.validate(projectId, input);
  }

  /** Files that were indexed with the text that they have now. */
  async #readAsTheyAre(projectId: string, workspaceId: string, files: readonly ProposedFile[]): Promise<Set<string>> {
    const there = files.flatMap(({ path, before }) => (before === null ? [] : [{ path, before }]));
    const paths = there.map(({ path }) => path);
    const read = await this.#parts.indexing.filesRead(projectId, [workspaceId], paths);
    const isRead = ({ path, before }: { path: string; before: string }) =>
      read?.get(path)?.has(createHash('sha256').update(before).digest('hex')) === true;
    return new Set(there.filter(isRead).map(({ path }) => path));
  }
}
