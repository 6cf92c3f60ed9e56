import { EXIT, type Command } from './command.ts';
import { drawMade, makeTorrent } from './make-torrent.ts';
import { FORCE_OPTION, JSON_OPTION, QUIET_OPTION } from './options.ts';

/** `create`: writes a `.torrent` and tells nobody. */
export const createCommand: Command = {
  name: 'create',
  summary: 'write the .torrent of a file or folder',
  arguments: [
    { usage: '<path>', about: 'file or folder', completes: 'path' },
    { usage: '[tracker]', about: 'its address, as localhost:8000 (default: SHOAL_TRACKER)' },
  ],
  options: [FORCE_OPTION, JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run(input, session, output) {
    const { made } = await makeTorrent(input, session, output);
    output.result(made, (value, frame) => `Created the .torrent of ${drawMade(value, frame)}`);
    return EXIT.ok;
  },
};
