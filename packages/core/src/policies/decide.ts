import { type ApprovalTerms, approvalTermsSchema } from '../approvals/index.ts';
import type { DecidingPolicy, PolicyDecision, RuleRef } from './decision.ts';
import type { CallPart, ExaminedCall } from './examine-call.ts';
import { matchRule } from './match-rule.ts';
import type { PolicyRule } from './policy.ts';

type Effect = PolicyDecision['effect'];
type PartDecision = Pick<PolicyDecision, 'effect' | 'rule' | 'approval'>;

const STRICTNESS: Readonly<Record<Effect, number>> = { allow: 0, require_approval: 1, deny: 2 };

/**
 * Puts the policies, in their order, to each part of a call: the first rule that matches decides, and of all parts the
 * strictest decision counts. Where nothing decides, the call is allowed.
 */
export function decide(policies: readonly DecidingPolicy[], call: ExaminedCall): PolicyDecision {
  const warnings = new Map<string, RuleRef>();
  const explanation: string[] = [];
  let strictest: PartDecision | null = null;
  for (const part of call.parts) {
    const about = call.parts.length > 1 ? `[${titleOf(part)}] ` : '';
    const decision = decidePart(policies, part, call, {
      warn: (rule) => warnings.set(`${rule.policyId}/${rule.ruleId}`, rule),
      explain: (line) => explanation.push(`${about}${line}`),
    });
    if (strictest === null || isStricter(decision, strictest)) strictest = decision;
  }
  return {
    ...(strictest ?? ALLOWED),
    warnings: [...warnings.values()],
    explanation,
    commands: (call.commands ?? []).map(({ text }) => text),
  };
}

const ALLOWED: PartDecision = { effect: 'allow', rule: null, approval: null };

interface Notes {
  warn(rule: RuleRef): void;
  explain(line: string): void;
}

function decidePart(
  policies: readonly DecidingPolicy[],
  part: CallPart,
  call: ExaminedCall,
  notes: Notes,
): PartDecision {
  for (const { id, version, document } of policies) {
    for (const rule of document.rules) {
      const { matched, because } = matchRule(rule, part, call.facts);
      const label = `${document.name}/${rule.id}`;
      if (matched === 'no') {
        notes.explain(`${label} does not match: ${because}`);
        continue;
      }
      const ref = { policyId: id, version, ruleId: rule.id, name: rule.name };
      if (rule.effect === 'warn') {
        notes.explain(`${label} warns${matched === 'unsure' ? ' in doubt' : ''}: ${because}`);
        notes.warn(ref);
        continue;
      }
      const effect = matched === 'unsure' ? 'require_approval' : rule.effect;
      notes.explain(`${label} decides ${effect}${matched === 'unsure' ? ', in doubt' : ''}: ${because}`);
      return { effect, rule: ref, approval: effect === 'require_approval' ? termsOf(rule, matched, because) : null };
    }
    if (document.default === 'next') {
      notes.explain(`${document.name} leaves it to the next policy`);
      continue;
    }
    notes.explain(`${document.name} decides ${document.default}: its default`);
    const approval = document.default === 'require_approval' ? approvalTermsSchema.parse({}) : null;
    return { effect: document.default, rule: null, approval };
  }
  notes.explain('allowed: no policy decides');
  return ALLOWED;
}

function termsOf({ approval }: PolicyRule, matched: 'yes' | 'unsure', because: string): ApprovalTerms {
  const terms = approval ?? approvalTermsSchema.parse({});
  return matched === 'unsure' && terms.reason === null ? { ...terms, reason: because } : terms;
}

/** Of two approvals the one that more people must give counts. */
function isStricter(one: PartDecision, than: PartDecision): boolean {
  const difference = STRICTNESS[one.effect] - STRICTNESS[than.effect];
  return difference > 0 || (difference === 0 && (one.approval?.quorum ?? 0) > (than.approval?.quorum ?? 0));
}

function titleOf({ command, path }: CallPart): string {
  return [command?.text, path && `writes ${path.given}`].filter((title) => title).join(', ');
}
