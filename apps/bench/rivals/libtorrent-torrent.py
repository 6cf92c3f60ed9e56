"""`python3 libtorrent-torrent.py PATH TORRENT ANNOUNCE PIECE-BYTES`: writes a `.torrent` (version 1) with libtorrent."""
import os
import sys

import libtorrent

path, torrent, announce, piece_bytes = sys.argv[1:]
files = libtorrent.file_storage()
libtorrent.add_files(files, path)
new = libtorrent.create_torrent(files, int(piece_bytes), libtorrent.create_torrent.v1_only)
new.add_tracker(announce)
libtorrent.set_piece_hashes(new, os.path.dirname(path))
with open(torrent, 'wb') as file:
    file.write(libtorrent.bencode(new.generate()))
