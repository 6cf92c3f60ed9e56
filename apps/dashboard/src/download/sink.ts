/** Where the verified bytes of a file go. */
export interface Sink {
  /** In words, for people: `to disk`. */
  readonly where: string;
  /** Writes verified bytes. Throws ShoalError `disk-full`, `storage-failed`. */
  write(position: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Everything is written: what stands there now, to be read once more. Throws as `write`. */
  seal(): Promise<Blob>;
  /** It is what it should be: hands it to the person. */
  deliver(): Promise<void>;
  /** Takes away what was written, as far as the browser lets a page. */
  discard(): Promise<void>;
}
