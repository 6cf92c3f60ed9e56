// collect.mjs <folder> <program> …: copies built programs and exactly the files that they import, native and WebAssembly
// ones included, into a folder, under the paths that they have in the repository. What is not copied is not needed.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeFileTrace } from '@vercel/nft';

const repository = fileURLToPath(new URL('..', import.meta.url));
const [folder, ...programs] = process.argv.slice(2);

const { fileList } = await nodeFileTrace(programs, {
  base: repository,
  processCwd: repository,
  // One file without dependencies, which an image has where it is wanted.
  ignore: 'apps/peer-agent/**',
});
for (const file of fileList) await cp(join(repository, file), join(folder, file), { dereference: true });
console.log(`${folder}: ${fileList.size} files`);
