import { parseFromPage, type FromPage } from '@shoal/protocol';

/** The WebSocket of a browser whose other side is the test. */
export class FakeWebSocket extends EventTarget {
  static readonly opened: FakeWebSocket[] = [];
  readonly OPEN = 1;
  readonly url: string;
  readonly said: FromPage[] = [];
  readyState = 0;

  constructor(url: string) {
    super();
    this.url = url;
    FakeWebSocket.opened.push(this);
  }

  /** The one that was opened last. */
  static get last(): FakeWebSocket {
    return FakeWebSocket.opened.at(-1)!;
  }

  send(text: string): void {
    this.said.push(parseFromPage(text));
  }

  /** As a browser does when the other side is dead: no `close` event follows. */
  close(): void {
    this.readyState = 2;
  }

  /** The other side accepts. */
  accept(): void {
    this.readyState = this.OPEN;
    this.dispatchEvent(new Event('open'));
  }

  /** The other side says something: an object as JSON, anything else as it is. */
  tell(data: unknown): void {
    const isObject = typeof data === 'object' && !(data instanceof ArrayBuffer);
    this.dispatchEvent(new MessageEvent('message', { data: isObject ? JSON.stringify(data) : data }));
  }

  /** The connection is gone. */
  drop(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }
}
