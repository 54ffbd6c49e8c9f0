import { z } from 'zod';

/** How the bridge is, by what its questions rest on (BRIDGE-11). */
export const bridgeHealthSchema = z.object({
  /** The sessions answer, and so does the graph where there is one. */
  healthy: z.boolean(),
  /** Its questions are answered, be it without what the graph knows. */
  bridge: z.boolean(),
  sessionManager: z.boolean(),
  knowledgeGraph: z.enum(['ok', 'failed', 'not_configured']),
});
export type BridgeHealth = z.infer<typeof bridgeHealthSchema>;

/** Null in place of the graph's question: there is no graph. @param failed told why one of them failed */
export async function bridgeHealth(
  askSessions: () => Promise<unknown>,
  askGraph: (() => Promise<unknown>) | null,
  failed: (error: unknown) => void,
): Promise<BridgeHealth> {
  const answers = async (ask: () => Promise<unknown>): Promise<boolean> => {
    try {
      await ask();
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  };
  // Without sessions the bridge has nothing to ask the graph about: all of it is said to be down.
  const sessionManager = await answers(askSessions);
  const graph = askGraph && (sessionManager && (await answers(askGraph)) ? 'ok' : 'failed');
  return {
    healthy: sessionManager && graph !== 'failed',
    bridge: sessionManager,
    sessionManager,
    knowledgeGraph: graph ?? 'not_configured',
  };
}
