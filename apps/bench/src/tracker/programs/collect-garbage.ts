/**
 * Loaded before a server with `--import`: at SIGUSR2 the program collects its garbage, so that its resident memory is
 * what it keeps, and says on stderr that it did. The server knows nothing of it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
process.on('SIGUSR2', () => {
  collect();
  collect();
  process.stderr.write('garbage collected\n');
});
