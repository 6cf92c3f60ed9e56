/** Prints one line of what a program of the test swarm does. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
