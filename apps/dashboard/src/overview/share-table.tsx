import { toVisible, type ShareRow } from '@shoal/protocol';
import { ProgressBar } from '../drawing/progress-bar.tsx';
import { drawAge, drawBytes, drawCount, drawNumber, drawRate, partOf } from '../drawing/units.ts';
import { shareLinkOf } from '../page/routes.ts';

/** The shares of the overview, one a row. */
export function ShareTable({ shares }: { shares: readonly ShareRow[] }) {
  const nowMs = Date.now();
  return (
    <table className="shares">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" className="number wide">
            Size
          </th>
          <th scope="col" className="number wide">
            Age
          </th>
          <th scope="col" className="number wide">
            Seeders
          </th>
          <th scope="col" className="number wide">
            Leechers
          </th>
          <th scope="col">Completion</th>
          <th scope="col" className="number">
            Rate
          </th>
        </tr>
      </thead>
      <tbody>
        {shares.map((share) => (
          <Row key={share.infoHash} share={share} nowMs={nowMs} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ share, nowMs }: { share: ShareRow; nowMs: number }) {
  const { infoHash, length, fileCount, registeredAt, seeders, leechers, matches, left } = share;
  const name = toVisible(share.name);
  const machines = seeders + leechers;
  const size = drawBytes(length);
  return (
    <tr>
      <th scope="row">
        <a href={shareLinkOf(infoHash)}>
          <bdi>{name}</bdi>
        </a>
        {fileCount > 1 && <span className="soft wide"> {drawCount(fileCount, 'file')}</span>}
        <span className="soft narrow">
          {size} · {drawNumber(seeders)} ↑ · {drawNumber(leechers)} ↓
        </span>
        {matches.length > 0 && (
          <span className="matches">
            {matches.slice(0, 3).map((path) => (
              <bdi key={path}>{toVisible(path)}</bdi>
            ))}
          </span>
        )}
      </th>
      <td className="number wide">{size}</td>
      <td className="number wide">{drawAge(registeredAt, nowMs)}</td>
      <td className="number wide">{drawNumber(seeders)}</td>
      <td className="number wide">{drawNumber(leechers)}</td>
      <td className="completion">
        {machines === 0 ? (
          <span className="soft">nobody has it</span>
        ) : (
          <ProgressBar part={partOf(length * machines - left, length * machines)} label={`Completion of ${name}`} />
        )}
      </td>
      <td className="number">{drawRate(share.receivedBytesPerSecond)}</td>
    </tr>
  );
}
