import { browserPlaces } from './browser-places.ts';
import { browserClock } from './clock.ts';
import { DownloadDesk } from './download-desk.ts';
import { pieceHasher } from './piece-check.ts';
import { probeHttp } from './probe.ts';
import { openBrowserSocket } from './socket.ts';

/** The one desk of this page, with the browser's own sockets, disk and hash. */
export function makePageDesk(): DownloadDesk {
  const { protocol, hostname, origin } = window.location;
  const desk = new DownloadDesk({
    place: { protocol, hostname, origin },
    openSocket: openBrowserSocket,
    clock: browserClock,
    random: () => Math.random(),
    probe: probeHttp,
    hash: pieceHasher(window.isSecureContext ? crypto.subtle : undefined),
    places: browserPlaces(),
  });
  window.addEventListener('beforeunload', (event) => {
    if (desk.isBusy) event.preventDefault();
  });
  return desk;
}
