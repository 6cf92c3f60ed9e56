/** The built agent, which a program of the test swarm becomes after it has made its preparations. */
const PROGRAM = new URL('../../peer-agent/bin/shoal.cjs', import.meta.url);

/**
 * Goes on as `shoal agent` in this process, so that signals reach it and no process stands between it and the container.
 * @param settings added to the environment
 */
export async function becomeAgent(settings: Readonly<Record<string, string>>): Promise<void> {
  Object.assign(process.env, settings);
  process.argv.splice(2, Infinity, 'agent');
  await import(PROGRAM.href);
}
