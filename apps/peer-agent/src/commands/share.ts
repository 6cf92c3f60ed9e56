import type { Transfer } from '@shoal/protocol';
import type { Output } from '../drawing/output.ts';
import { safeText } from '../drawing/safe-text.ts';
import { EXIT, type Command } from './command.ts';
import { followUntilAborted } from './follow.ts';
import { drawMade, makeTorrent } from './make-torrent.ts';
import { FORCE_OPTION, JSON_OPTION, PEER_OPTIONS, QUIET_OPTION } from './options.ts';

/** `share`: writes the `.torrent`, registers it with the tracker and seeds. */
export const shareCommand: Command = {
  name: 'share',
  summary: 'write the .torrent, register it and seed',
  arguments: [
    { usage: '<path>', about: 'file or folder', completes: 'path' },
    { usage: '[tracker]', about: 'its address, as localhost:8000 (default: SHOAL_TRACKER)' },
  ],
  options: [FORCE_OPTION, ...PEER_OPTIONS, JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run(input, session, output) {
    const { api, isOwn } = await session.agent();
    const { metainfo, made } = await makeTorrent(input, session, output);
    const transfer = await api.addShare({ metainfo, path: made.path }, session.signal);
    output.result(made, (value, frame) => `Sharing ${drawMade(value, frame)}`);
    noteRegistration(transfer, output);
    if (session.board !== undefined) {
      session.board.know(transfer);
      return EXIT.ok;
    }
    if (!isOwn) {
      output.note('The agent seeds it from now on.');
      return EXIT.ok;
    }
    output.note('Seeding until Ctrl-C.');
    await followUntilAborted(api, transfer, { session, output });
    return EXIT.ok;
  },
};

function noteRegistration({ problem, tracker }: Transfer, output: Output): void {
  if (problem === undefined) output.note(`Registered with the tracker at ${safeText(tracker)}.`);
  else output.note(`Not registered yet: ${safeText(problem.message)}\n  ${safeText(problem.hint)}`);
}
