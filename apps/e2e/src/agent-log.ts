import type { Agent } from '@shoal/testbed';

/** One line of an agent's log, as far as tests look at it. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly event?: string;
  readonly name?: string;
  readonly code?: string;
}

/** What an agent has logged since its start. */
export function logOf({ program }: Agent): LogLine[] {
  const lines = program.stderr.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as LogLine);
}

/** The names that one kind of event was logged of, in their order. */
export function namesLogged(agent: Agent, event: string): string[] {
  return logOf(agent).flatMap((line) => (line.event === event && line.name !== undefined ? [line.name] : []));
}
