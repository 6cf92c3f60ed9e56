/** `doctor`: whether the agent can work as it is set up, and what to set where not. */
import type { Frame } from '../drawing/frame.ts';
import { safeText } from '../drawing/safe-text.ts';
import { drawTable } from '../drawing/table.ts';
import type { Finding } from '../doctor/finding.ts';
import { agentSettings } from '../settings/agent-settings.ts';
import { startPeer } from '../shell-session.ts';
import { EXIT, type Command } from './command.ts';
import { AGENT_OPTIONS, JSON_OPTION } from './options.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'find out what keeps the agent from working, and what to set',
  arguments: [],
  options: [...AGENT_OPTIONS, JSON_OPTION],
  at: 'shell',
  async run(_input, session, output) {
    const settings = agentSettings(session.settings);
    const [{ examine }, { judge }] = await Promise.all([
      import('../doctor/examine.ts'),
      import('../doctor/findings.ts'),
    ]);
    const facts = await examine({
      settings,
      settingsFile: session.settings.values.config,
      findDaemon: () => session.existingAgent(),
      startAgent: () => startPeer(settings.peer),
      signal: session.signal,
    });
    const findings = judge(facts);
    output.result(findings, drawFindings);
    return findings.some(({ mark }) => mark === 'problem') ? EXIT.failure : EXIT.ok;
  },
};

function drawFindings(findings: readonly Finding[], { colours }: Frame): string {
  const marks = { ok: colours.green('ok'), warning: colours.yellow('warning'), problem: colours.red('problem') };
  const rows = findings.map(({ mark, says, advice }) => {
    return [marks[mark], safeText(advice === undefined ? says : `${says} → ${advice}`)];
  });
  return drawTable(rows);
}
