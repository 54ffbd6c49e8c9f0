/** Settings of Signalbox itself. They hold credentials, and an agent's program is not Signalbox. */
const OWN_SETTINGS = /^(SIGNALBOX_.*|DATABASE_URL|DATABASE_DIRECT_URL|NATS_URL)$/;

/**
 * The environment that runs get from ours: all but our own settings, so that no run comes into the hands of the database's
 * or the API's keys by accident. What a run should have of them is put into its `environment` on purpose.
 */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !OWN_SETTINGS.test(name)) inherited[name] = value;
  }
  return inherited;
}
