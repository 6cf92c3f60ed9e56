/** `node make-torrent.mjs FILE TORRENT ANNOUNCE PIECE-BYTES`: writes a `.torrent` (version 1, which all rivals know). */
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import createTorrent from 'create-torrent';

const [file, torrent, announce, pieceBytes] = process.argv.slice(2);
const content = await promisify(createTorrent)(file, {
  announceList: [[announce]],
  pieceLength: Number(pieceBytes),
  private: false,
});
await writeFile(torrent, content);
