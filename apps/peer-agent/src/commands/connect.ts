import { ShoalError, type PeerReport } from '@shoal/protocol';
import { formatAddress } from '../address.ts';
import { safeText } from '../drawing/safe-text.ts';
import { readSetting } from '../settings/setting-values.ts';
import { EXIT, type Command } from './command.ts';
import { JSON_OPTION, QUIET_OPTION } from './options.ts';

/** `connect`: links to a peer by its address. */
export const connectCommand: Command = {
  name: 'connect',
  summary: 'connect to a peer by its address',
  arguments: [
    { usage: '<host>', about: 'name or address' },
    { usage: '<port>', about: 'port that it listens on' },
  ],
  options: [JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run({ args: [given = '', portText = ''] }, session, output) {
    const host = given.replace(/^\[(.*)\]$/, '$1');
    const port = readSetting('port', portText, '<port>');
    if (port === 0) throw new ShoalError('bad-argument', `connecting to ${host}: port 0 cannot be dialled`);
    const { api } = await session.agent();
    output.result(await api.connect({ host, port }, session.signal), drawConnected);
    return EXIT.ok;
  },
};

function drawConnected({ host, port, agent, peerId }: PeerReport): string {
  return `Connected to ${safeText(formatAddress(host, port))} (${safeText(agent ?? '')}, peer ${peerId?.slice(0, 12) ?? ''})`;
}
