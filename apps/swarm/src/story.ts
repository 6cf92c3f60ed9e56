/** Prints one line of what a program of the test swarm does, with the time as the agent's log has it. */
export function say(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
