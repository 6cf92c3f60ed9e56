import { LIMITS, type FromFleet, type InfoHash, type PeerId, type SwarmReport } from '@shoal/protocol';
import { lotsOf } from './lots.ts';
import { Members, type MembersNews } from './members.ts';
import { failureOf } from './overview.ts';
import type { Page, View } from './page.ts';
import type { FleetSight } from './sight.ts';

/** Members in one message to a page that is told all of them. */
const LOT_BYTES = 512 * 1_024;

/** How far a page was told. */
interface Progress {
  isHeadTold: boolean;
  /** Members of which it has to be told all; none in a page that is told only what changes. */
  readonly untold: Set<PeerId>;
  readonly gone: Set<PeerId>;
}

/**
 * One share and the machines in its swarm. A page is told all, lot by lot as it takes them, and then what changes. One that
 * falls behind is passed over, and told all again when it has taken what it was sent.
 */
export class ShareView implements View {
  readonly #sight: FleetSight;
  readonly #infoHash: InfoHash;
  readonly #pages = new Map<Page, Progress>();
  #members: Members | undefined;
  #head: string | undefined;
  #isLoading = false;
  /** Of the catalogue that was asked last. */
  #edition: number | undefined;

  constructor(sight: FleetSight, infoHash: InfoHash) {
    this.#sight = sight;
    this.#infoHash = infoHash;
    this.#load();
  }

  get isEmpty(): boolean {
    return this.#pages.size === 0;
  }

  /** Whom to ask for pieces; nobody before it is known how many there are. */
  get memberIds(): Iterable<PeerId> {
    return this.#members?.ids ?? [];
  }

  add(page: Page): void {
    const progress = this.#begin();
    this.#pages.set(page, progress);
    this.#tellAll(page, progress);
  }

  remove(page: Page): void {
    this.#pages.delete(page);
  }

  /** A member has told how it stands. */
  hear(peerId: PeerId, report: SwarmReport): void {
    this.#members?.hear(peerId, report);
  }

  tell(isSecond: boolean): void {
    if (this.#members === undefined) {
      if (isSecond) this.#load();
      return;
    }
    if (isSecond) this.#members.meet();
    const news = this.#members.takeNews();
    const messages = this.#messagesOf(news);
    for (const [page, progress] of this.#pages) {
      if (isInStep(progress)) this.#tellNews(page, messages);
      else this.#tellMore(page, progress, news);
    }
  }

  #load(): void {
    const { edition, catalogue } = this.#sight;
    if (this.#isLoading || this.#edition === edition) return;
    this.#isLoading = true;
    void catalogue
      .outline(this.#infoHash)
      .then(
        (outline) => {
          this.#edition = edition;
          if (outline === undefined) return { kind: 'missing' } as const;
          this.#members = new Members(this.#sight, this.#infoHash, outline.pieceCount);
          this.#members.takeNews();
          return { kind: 'share', ...outline } as const;
        },
        (error: unknown) => {
          this.#sight.failed(error);
          return failureOf(error);
        },
      )
      .then((head: FromFleet) => {
        this.#isLoading = false;
        this.#headKnown(JSON.stringify(head));
      });
  }

  #begin(): Progress {
    return { isHeadTold: false, untold: new Set(this.#members?.ids), gone: new Set() };
  }

  #headKnown(head: string): void {
    if (head === this.#head) return;
    this.#head = head;
    for (const page of [...this.#pages.keys()]) this.add(page);
  }

  /** Tells as much of what a page was not told as it takes now. */
  #tellAll(page: Page, progress: Progress): void {
    if (this.#head === undefined || !page.hasRoom()) return;
    if (!progress.isHeadTold) {
      page.send(this.#head);
      progress.isHeadTold = true;
      if (progress.untold.size === 0 && this.#members !== undefined) page.send(this.#membersMessage([], []));
    }
    const { untold, gone } = progress;
    while (page.hasRoom() && untold.size + gone.size > 0) {
      page.send(this.#membersMessage(this.#takeLot(untold), [...gone]));
      gone.clear();
    }
  }

  #takeLot(untold: Set<PeerId>): string[] {
    const lot: string[] = [];
    let bytes = 0;
    for (const peerId of untold) {
      untold.delete(peerId);
      const text = this.#members?.whole(peerId);
      if (text === undefined) continue;
      lot.push(text);
      bytes += text.length;
      if (bytes > LOT_BYTES) break;
    }
    return lot;
  }

  #tellMore(page: Page, progress: Progress, { texts, gone }: MembersNews): void {
    for (const peerId of texts.keys()) progress.untold.add(peerId);
    for (const peerId of gone) {
      progress.untold.delete(peerId);
      progress.gone.add(peerId);
    }
    if (progress.gone.size > LIMITS.knownPeersPerSwarm) this.add(page);
    else this.#tellAll(page, progress);
  }

  #tellNews(page: Page, messages: readonly string[]): void {
    for (const message of messages) {
      if (!page.hasRoom()) {
        this.#pages.set(page, this.#begin());
        return;
      }
      page.send(message);
    }
  }

  #messagesOf({ texts, gone }: MembersNews): readonly string[] {
    const lots = lotsOf(texts.values());
    if (lots.length === 0 && gone.length > 0) lots.push([]);
    return lots.map((lot, at) => this.#membersMessage(lot, at === 0 ? gone : []));
  }

  #membersMessage(lot: readonly string[], gone: readonly PeerId[]): string {
    return `{"kind":"members","infoHash":"${this.#infoHash}","changed":[${lot.join()}],"gone":${JSON.stringify(gone)}}`;
  }
}

function isInStep({ isHeadTold, untold, gone }: Progress): boolean {
  return isHeadTold && untold.size === 0 && gone.size === 0;
}
