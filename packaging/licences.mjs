// The licences of the packages from which a program is made, as their authors ask: with every copy of it.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The innermost package in which a file lies. */
const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^@/][^/]*(?=\/)/;

/**
 * The texts of all licences, one package after the other.
 * @param sourceMaps of bundles
 * @param files beside them
 */
export async function licencesOf(sourceMaps, files = []) {
  const paths = [...files];
  for (const map of sourceMaps) {
    const { sources } = JSON.parse(await readFile(map, 'utf8'));
    paths.push(...sources.map((source) => join(dirname(map), source)));
  }
  const folders = new Set(paths.map((path) => PACKAGE_FOLDER.exec(path)?.[0]).filter((folder) => folder !== undefined));
  const texts = new Map();
  for (const folder of folders) texts.set(...(await licenceOf(folder)));
  const inOrder = [...texts.keys()].sort().map((name) => texts.get(name));
  return inOrder.join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => /^(licen[sc]e|copying|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const title = `${name} ${version}`;
  return [title, [`${title} (${license})\n`, ...texts.map((text) => `${text.trim()}\n`)].join('\n')];
}
