import { realpathSync } from 'node:fs';

/** What a path leads to, over all links; the path itself while nothing is there. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
