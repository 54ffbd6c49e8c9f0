import type { AgentCard } from '@a2a-js/sdk';
import { SERVER_VERSION } from '../version.ts';

/** Where other orchestrators hand in work. */
export const A2A_PATH = '/a2a';
/** Where they look for the card (RFC 8615). */
export const CARD_PATH = '/.well-known/agent-card.json';
export const A2A_VERSION = '1.0';

const TEXT = ['text/plain'];

/**
 * What Signalbox tells other orchestrators of itself.
 * @param base where it is reached, without a slash at the end
 */
export function agentCard(base: string, auth: 'open' | 'required'): AgentCard {
  const bearer = {
    scheme: {
      $case: 'httpAuthSecurityScheme' as const,
      value: {
        scheme: 'Bearer',
        bearerFormat: '',
        description: 'A key of the project (`signalbox keys create`), or a JWT.',
      },
    },
  };
  return {
    name: 'Signalbox',
    description: 'Runs coding agents in workspaces: durably, under the policies and approvals of the project.',
    supportedInterfaces: [
      { url: `${base}${A2A_PATH}`, protocolBinding: 'JSONRPC', protocolVersion: A2A_VERSION, tenant: '' },
    ],
    provider: undefined,
    version: SERVER_VERSION,
    capabilities: { streaming: true, pushNotifications: false, extensions: [], extendedAgentCard: false },
    securitySchemes: auth === 'required' ? { bearer } : {},
    securityRequirements: auth === 'required' ? [{ schemes: { bearer: { list: [] } } }] : [],
    defaultInputModes: TEXT,
    defaultOutputModes: TEXT,
    skills: [
      {
        id: 'run-session',
        name: 'Run a coding agent',
        description:
          'The text is the prompt of a new session. `metadata.signalbox` of the message says how it is run: `workspaceId`, `runtime`, `modelConfig`, `limits`, `tags` and whatever else creating a session takes. Without a workspace it is the only one of the project, without a runtime `opencode`.',
        tags: ['coding', 'agents'],
        examples: ['The totals in src/invoice.ts are off by a cent. Find out why and mend it.'],
        inputModes: TEXT,
        outputModes: TEXT,
        securityRequirements: [],
      },
    ],
    signatures: [],
  };
}
