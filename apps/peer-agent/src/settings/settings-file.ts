/** The settings file: JSON or YAML, at most 64 KiB, read strictly, to the texts of its settings. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { parseJson, reportError, ShoalError } from '@shoal/protocol';
import { CST, parseDocument, Parser } from 'yaml';
import * as z from 'zod';
import { SETTING_KEYS, SETTINGS } from './settings-table.ts';
import type { SettingKey } from './setting-values.ts';

/** Settings as somebody wrote them: one text, or several where a setting is a list. */
export type SettingTexts = Readonly<Partial<Record<SettingKey, string | readonly string[]>>>;

const MAX_BYTES = 64 * 1024;
/** Lists in one object. */
const MAX_DEPTH = 2;
const IN_HOME = ['config.json', 'config.yaml'];
const IN_FILE = SETTING_KEYS.filter((key) => SETTINGS[key].isInFile);

/**
 * The settings file that stands in a home folder, if one does.
 * @throws ShoalError `bad-config` when there are two
 */
export function findSettingsFile(home: string): string | undefined {
  const [found, another] = IN_HOME.map((name) => join(home, name)).filter((path) => existsSync(path));
  if (found === undefined || another === undefined) return found;
  throw new ShoalError('bad-config', `looking for the settings file: there are both ${found} and ${another}; keep one`);
}

/**
 * Reads a settings file. What the texts mean is for the schema of each setting to say.
 * @throws ShoalError `bad-config`, naming the file, and the key where one is wrong
 */
export function readSettingsFile(path: string): SettingTexts {
  const result = documentSchema.safeParse(parse(path, readBounded(path)));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw refuse(path, describe(issue));
}

const scalar = z.union([z.string(), z.number().transform(String)], 'must be a text or a number');
const list = z.union([z.array(scalar), scalar.transform((text) => [text])], 'must be a list of texts');
const documentSchema = z.strictObject(
  Object.fromEntries(IN_FILE.map((key) => [key, (SETTINGS[key].isList === true ? list : scalar).optional()])),
);

function readBounded(path: string): Buffer {
  try {
    const look = statSync(path);
    // Nobody may ever write into a pipe: reading would wait for that.
    if (!look.isFile()) throw refuse(path, 'it is no regular file');
    if (look.size > MAX_BYTES) throw refuse(path, `it has more than ${String(MAX_BYTES)} bytes`);
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof ShoalError) throw cause;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw refuse(path, reason === 'ENOENT' ? 'there is no such file' : `it cannot be read (${reason})`, cause);
  }
}

function parse(path: string, bytes: Buffer): unknown {
  switch (extname(path).toLowerCase()) {
    case '.json':
      return parseAsJson(path, bytes);
    case '.yaml':
    case '.yml':
      return parseAsYaml(path, bytes.toString('utf8'));
    default:
      throw refuse(path, 'its name must end in .json, .yaml or .yml');
  }
}

function parseAsJson(path: string, bytes: Buffer): unknown {
  const boundary = { what: `the settings file ${path}`, schema: z.unknown(), maxBytes: MAX_BYTES } as const;
  try {
    return parseJson(bytes, { ...boundary, code: 'bad-config' });
  } catch (cause) {
    throw new ShoalError('bad-config', reportError(cause).message, { cause });
  }
}

/** Every scalar stays the text that was written, so that a port and a version-like name are read as in a variable. */
function parseAsYaml(path: string, text: string): unknown {
  // Composing a deep document takes the library minutes, or all memory; the parser below it is linear.
  if ([...new Parser().parse(text)].some((token) => isDeeper(token, MAX_DEPTH))) throw refuse(path, 'nested too deep');
  const document = parseDocument(text, { schema: 'failsafe' });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const [reason] = problem.message.split(/:?\n/);
    const isAlias = reason?.startsWith('Alias') === true;
    throw refuse(path, `${reason ?? 'not YAML'}${isAlias ? "; write a pattern in quotes, as in '*'" : ''}`, problem);
  }
  if (document.contents === null) return {};
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw refuse(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function isDeeper(token: CST.Token | null | undefined, depth: number): boolean {
  if (token?.type === 'document') return isDeeper(token.value, depth);
  if (!CST.isCollection(token)) return false;
  return depth === 0 || token.items.some(({ key, value }) => isDeeper(key, depth - 1) || isDeeper(value, depth - 1));
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') {
    return `${JSON.stringify(issue.keys[0]?.slice(0, 100))} is unknown; known are ${IN_FILE.join(', ')}`;
  }
  const key = issue?.path[0];
  return key === undefined ? 'it must be one object of settings' : `${String(key)} ${issue?.message ?? ''}`;
}

function refuse(path: string, reason: string, cause?: unknown): ShoalError {
  return new ShoalError('bad-config', `reading the settings file ${path}: ${reason}`, { cause });
}
