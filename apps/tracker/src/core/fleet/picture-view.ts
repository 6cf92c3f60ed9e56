import type { FromFleet } from '@shoal/protocol';
import type { Page, View } from './page.ts';

/** Draws what pages see, and finds out what it needs for that. */
export interface Picture {
  /** Undefined while it is not known yet. */
  draw(): FromFleet | undefined;
  /** Looks for what has to be asked for, if anything is new; at most once a second. @returns whether anything was */
  refresh(): Promise<boolean>;
}

/** What fits into one message, which is told again whenever it has changed, at most once a second. */
export class PictureView implements View {
  readonly #picture: Picture;
  /** What each page was told last. */
  readonly #told = new Map<Page, string>();
  #drawn = '';
  #isRefreshing = false;

  constructor(picture: Picture) {
    this.#picture = picture;
    this.#refresh();
  }

  get isEmpty(): boolean {
    return this.#told.size === 0;
  }

  add(page: Page): void {
    this.#told.set(page, '');
    this.#tellOne(page, '');
  }

  remove(page: Page): void {
    this.#told.delete(page);
  }

  tell(isSecond: boolean): void {
    if (!isSecond) return;
    this.#refresh();
    this.#draw();
  }

  #refresh(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    void this.#picture.refresh().then((isNew) => {
      this.#isRefreshing = false;
      if (isNew) this.#draw();
    });
  }

  #draw(): void {
    const message = this.#picture.draw();
    if (message !== undefined) this.#drawn = JSON.stringify(message);
    for (const [page, told] of this.#told) this.#tellOne(page, told);
  }

  #tellOne(page: Page, told: string): void {
    if (told === this.#drawn || !page.hasRoom()) return;
    this.#told.set(page, this.#drawn);
    page.send(this.#drawn);
  }
}
