import type { BrowserPlaces } from './sinks.ts';

/** Long enough for the browser to have begun to read what it was given. */
const REVOKE_MS = 60_000;

/** Not in the library of TypeScript: not every browser has it. */
interface PickingWindow {
  readonly showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
}

/** What this browser offers this page. */
export function browserPlaces(): BrowserPlaces {
  const { showSaveFilePicker } = window as PickingWindow;
  const storage = (navigator as { storage?: StorageManager }).storage;
  return {
    ...(showSaveFilePicker === undefined ? {} : { pick: (options) => showSaveFilePicker.call(window, options) }),
    ...(storage === undefined ? {} : { ownFolder: () => storage.getDirectory() }),
    handOver,
    now: () => Date.now(),
  };
}

function handOver(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, REVOKE_MS);
}
