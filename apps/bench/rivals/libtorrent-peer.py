"""libtorrent-peer.py seed|super-seed|fetch TORRENT FOLDER ADDRESS PORT STAMP [hold]

One peer of libtorrent. Writes the time of day into STAMP once it has all pieces verified. With `hold` it adds the torrent
when a line comes on stdin.
"""
import os
import sys
import time

import libtorrent

role, torrent, folder, address, port, stamp = sys.argv[1:7]
session = libtorrent.session({
    'listen_interfaces': f'{address}:{port}', 'outgoing_interfaces': address,
    'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False, 'enable_natpmp': False,
    'enable_outgoing_utp': False, 'enable_incoming_utp': False,
    'active_limit': -1, 'active_seeds': -1, 'active_downloads': -1, 'seed_time_limit': -1,
    'alert_mask': libtorrent.alert.category_t.status_notification,
    # The default of 1 MiB makes its network thread wait for its disk threads on a fast link.
    'max_queued_disk_bytes': 64 << 20,
})
adding = libtorrent.add_torrent_params()
adding.ti = libtorrent.torrent_info(torrent)
adding.save_path = folder
adding.flags &= ~libtorrent.torrent_flags.paused
adding.flags &= ~libtorrent.torrent_flags.auto_managed
if role != 'fetch':
    adding.flags |= libtorrent.torrent_flags.seed_mode
if role == 'super-seed':
    adding.flags |= libtorrent.torrent_flags.super_seeding
if sys.argv[7:] == ['hold']:
    sys.stdin.readline()
session.add_torrent(adding)

while True:
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        if role == 'fetch' and isinstance(alert, libtorrent.torrent_finished_alert):
            with open(stamp + '.new', 'w') as file:
                file.write(f'{time.time():.6f}')
            os.rename(stamp + '.new', stamp)
