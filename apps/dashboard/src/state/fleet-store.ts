/** Holds the picture of the fleet, and tells whoever listens when there is another one. */
import type { FleetNews, FleetState } from '@shoal/client/fleet';
import type { View } from '@shoal/protocol';
import { connect, emptyPicture, hear, turnTo, type FleetPicture } from './fleet-picture.ts';

/** How often people are shown other numbers: more often nobody could read them. */
const PACE_MS = 250;

/** Where messages come in and pictures go out. */
export class FleetStore {
  #picture: FleetPicture;
  #paced: FleetPicture;
  #pacedAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #pacedListeners = new Set<() => void>();

  constructor(view: View) {
    this.#picture = emptyPicture(view);
    this.#paced = this.#picture;
  }

  /** As it is now. */
  readonly picture = (): FleetPicture => this.#picture;

  /** As it was at the last beat: for text, which changes a few times a second at most. */
  readonly paced = (): FleetPicture => this.#paced;

  /** Has `listener` called after every change. Returns what ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Has `listener` called after every beat at which something is different. Returns what ends it. */
  readonly subscribePaced = (listener: () => void): (() => void) => {
    this.#pacedListeners.add(listener);
    return () => this.#pacedListeners.delete(listener);
  };

  turnTo(view: View): void {
    this.#set(turnTo(this.#picture, view));
    this.#beat();
  }

  connect(state: FleetState): void {
    this.#set(connect(this.#picture, state));
    this.#beat();
  }

  hear(message: FleetNews): void {
    this.#set(hear(this.#picture, message, Date.now()));
    const dueMs = this.#pacedAt + PACE_MS - performance.now();
    if (dueMs <= 0) this.#beat();
    else {
      this.#timer ??= setTimeout(() => {
        this.#beat();
      }, dueMs);
    }
  }

  #set(picture: FleetPicture): void {
    this.#picture = picture;
    for (const listener of this.#listeners) listener();
  }

  #beat(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pacedAt = performance.now();
    this.#paced = this.#picture;
    for (const listener of this.#pacedListeners) listener();
  }
}
