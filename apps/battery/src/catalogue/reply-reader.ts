const HEAD_END = '\r\n\r\n';

/** Cuts what arrives on a connection into HTTP replies that say their length: all that a load needs to know of them. */
export class ReplyReader {
  readonly #onReply: (status: number) => void;
  #rest = '';

  constructor(onReply: (status: number) => void) {
    this.#onReply = onReply;
  }

  /** @param text what has arrived, a character for a byte */
  push(text: string): void {
    this.#rest += text;
    for (let length = this.#replyLength(); length !== undefined; length = this.#replyLength()) {
      const status = Number(this.#rest.slice(9, 12));
      this.#rest = this.#rest.slice(length);
      this.#onReply(status);
    }
  }

  #replyLength(): number | undefined {
    const headEnd = this.#rest.indexOf(HEAD_END);
    if (headEnd < 0) return undefined;
    const body = Number(/^content-length: (\d+)$/im.exec(this.#rest.slice(0, headEnd))?.[1] ?? 0);
    const length = headEnd + HEAD_END.length + body;
    return this.#rest.length < length ? undefined : length;
  }
}
