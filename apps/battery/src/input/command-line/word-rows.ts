/** What a person, a script or a settings file may say wrong: the exit code and the code that each must get. */
import type { Row } from '../table.ts';

/** One run of the program. */
export interface WordRow extends Row {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Written as `config.yaml` or `config.json` and named by `--config` in `args`. */
  readonly file?: { readonly name: string; readonly text: string };
  /** The command or the setting that it is about. */
  readonly subject: string;
}

const USAGE = 'exit 2 bad-argument';
const CONFIG = 'exit 2 bad-config';
const ESCAPE = '\u001b[31m\u009b2J\u202e';

/** A command as the help of the program lists it. */
export interface ListedCommand {
  readonly name: string;
  readonly required: number;
  readonly most: number;
}

/** The commands in the text of `shoal help`. */
export function commandsIn(help: string): readonly ListedCommand[] {
  const [, list = ''] = /^Commands:\n([^]*?)\n\n/m.exec(`${help}\n\n`) ?? [];
  return list.split('\n').flatMap((line) => {
    const [, name, args = ''] = /^ {2}([a-z]+)((?: [<[][a-z]+[\]>])*)/.exec(line) ?? [];
    if (name === undefined || name === 'help') return [];
    const required = args.split('<').length - 1;
    return [{ name, required, most: required + args.split('[').length - 1 }];
  });
}

/** At every command: too few words, too many, and an option that it does not have. */
export function everyCommandRows(commands: readonly ListedCommand[]): readonly WordRow[] {
  return commands.flatMap(({ name, required, most }) => {
    const rowOf = (what: string, args: readonly string[]): WordRow => {
      return { name: `${name}: ${what}`, must: USAGE, args: [name, ...args], subject: name };
    };
    const few = required === 0 ? [] : [rowOf('too few words', Array<string>(required - 1).fill('x'))];
    return [
      ...few,
      rowOf('too many words', Array<string>(most + 1).fill('x')),
      rowOf('an option that it does not have', [...Array<string>(required).fill('x'), `--x${ESCAPE}`]),
    ];
  });
}

/** A text that each setting cannot be; undefined where every text is one. */
const WRONG_TEXTS: Readonly<Record<string, string | undefined>> = {
  config: '/nowhere/config.yaml',
  home: '/'.padEnd(5_000, 'x'),
  tracker: 'ftp://x',
  host: 'a b',
  port: '65536',
  advertise: 'a:b:c',
  name: 'a\nb',
  pageOrigin: 'ws://x',
  uploadLimit: '1',
  downloadLimit: '-1',
  share: 'x'.repeat(5_000),
  mirror: 'x'.repeat(256),
  downloads: 'x'.repeat(5_000),
  logLevel: 'loud',
  logFormat: 'xml',
  trackerProgram: 'x'.repeat(5_000),
  debug: undefined,
};

/** The settings that rows are about. */
export const KNOWN_SETTINGS: readonly string[] = Object.keys(WRONG_TEXTS);
const NOT_IN_FILE: readonly string[] = ['config', 'trackerProgram', 'debug'];

/** Every setting, by its variable and in a file: what it cannot be, new lines, and what a terminal obeys. */
export function settingRows(): readonly WordRow[] {
  const wrong = Object.entries(WRONG_TEXTS).flatMap(([key, text]) => (text === undefined ? [] : [{ key, text }]));
  const byVariable = wrong.flatMap(({ key, text }) => [
    ofVariable(key, 'what it cannot be', text),
    // A path may hold nearly anything; what it leads to is not there.
    ...(isPath(key) ? [] : [ofVariable(key, 'a new line and escapes', `x\n${ESCAPE}/y:z:w`)]),
  ]);
  const inFile = wrong
    .filter(({ key }) => !NOT_IN_FILE.includes(key))
    .flatMap(({ key, text }) => [
      ofFile(`${key} in a file, what it cannot be`, key, 'config.json', JSON.stringify({ [key]: text })),
      ofFile(`${key} in a file, an object`, key, 'config.json', JSON.stringify({ [key]: { a: 1 } })),
    ]);
  const debug = {
    name: 'debug: any text',
    must: USAGE,
    args: ['files', '--x'],
    env: { SHOAL_DEBUG: '' },
    subject: 'debug',
  };
  return [...byVariable, ...inFile, debug];
}

function isPath(key: string): boolean {
  return ['home', 'share', 'downloads', 'trackerProgram', 'mirror', 'config'].includes(key);
}

function ofVariable(key: string, what: string, text: string): WordRow {
  const variable = `SHOAL_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  return { name: `${variable}: ${what}`, must: CONFIG, args: ['config'], env: { [variable]: text }, subject: key };
}

function ofFile(name: string, subject: string, file: string, text: string): WordRow {
  return { name, must: CONFIG, args: ['config', '--config', file], file: { name: file, text }, subject };
}

/** What a settings file may be instead of one. */
export function fileRows(): readonly WordRow[] {
  const jsons: Readonly<Record<string, string>> = {
    'an unknown key': '{"trakcer":"x"}',
    'a key that a terminal obeys': JSON.stringify({ [ESCAPE]: 'x' }),
    __proto__: '{"__proto__":{"port":"1"}}',
    constructor: '{"constructor":"x"}',
    'a key twice': '{"port":"1","port":"2"}',
    'a list': '[]',
    'no JSON': '{',
    'nothing at all': '',
    '32,000 brackets': '['.repeat(32_000),
    '64 KiB and a byte': ' '.repeat(64 * 1024 + 1),
    'a list of lists': '{"share":[["a"]]}',
    '101 patterns': JSON.stringify({ mirror: Array<string>(101).fill('a') }),
  };
  const yamls: Readonly<Record<string, string>> = {
    'an unknown key': 'trakcer: x\n',
    'a key that a terminal obeys': `"\\e[31m": x\n`,
    __proto__: '__proto__:\n  port: 1\n',
    'a key twice': 'port: 1\nport: 2\n',
    'aliases of aliases': 'share: &a [x]\nmirror: [*a, *a]\n',
    'a pattern without quotes': 'mirror: [*]\n',
    'a tag of a language': 'port: !!js/function "function () {}"\n',
    'two documents': 'port: 1\n---\nport: 2\n',
    'deep lists': `share: ${'['.repeat(10_000)}`,
    'a merge': '<<: {port: 1}\n',
    'tabs as space': 'share:\n\t- a\n',
    'binary bytes': 'port: \u0000\u0001\n',
  };
  return [
    ...Object.entries(jsons).map(([name, text]) => ofFile(`JSON: ${name}`, 'config', 'config.json', text)),
    ...Object.entries(yamls).map(([name, text]) => ofFile(`YAML: ${name}`, 'config', 'config.yaml', text)),
    ofFile('a file of another kind', 'config', 'config.toml', 'port = 1'),
    { name: 'a folder as settings file', must: CONFIG, args: ['config', '--config', 'hollow'], subject: 'config' },
    { name: 'a pipe as settings file', must: CONFIG, args: ['config', '--config', 'pipe.yaml'], subject: 'config' },
    { name: 'an unknown variable', must: CONFIG, args: ['config'], env: { SHOAL_TRAKCER: 'x' }, subject: 'config' },
    {
      name: 'a variable that a terminal obeys',
      must: CONFIG,
      args: ['config'],
      env: { [`SHOAL_${ESCAPE}`]: 'x' },
      subject: 'config',
    },
    {
      name: 'a variable of the tracker',
      must: 'exit 2 bad-config',
      args: ['tracker', '0'],
      env: { SHOAL_TRACKER_LOG_LEVEL: `a\n${ESCAPE}` },
      subject: 'tracker',
    },
  ];
}

/** Files, folders, numbers and names that a command cannot work with. */
export function thingRows(): readonly WordRow[] {
  return [
    rowOf('a command that does not exist', USAGE, `shrae${ESCAPE}`),
    ...makingRows(),
    ...torrentRows(),
    ...placeRows(),
  ];
}

function rowOf(name: string, must: string, ...args: readonly string[]): WordRow {
  return { name, must, args, subject: String(args[0]) };
}

/** What is to be made into a share. */
function makingRows(): readonly WordRow[] {
  return [
    rowOf('create: a tracker that is no address', 'exit 2 bad-tracker-url', 'create', 'good.txt', `not ${ESCAPE}`),
    ...['create', 'share'].flatMap((command) => [
      rowOf(`${command}: a file that is missing`, 'exit 1 not-found', command, 'gone.txt', 'localhost:1'),
      rowOf(`${command}: a file without a byte`, 'exit 1 empty-share', command, 'empty.txt', 'localhost:1'),
      rowOf(`${command}: a folder without a file`, 'exit 1 empty-share', command, 'hollow', 'localhost:1'),
      rowOf(`${command}: a pipe`, 'exit 1 unshareable-file', command, 'pipe.yaml', 'localhost:1'),
      rowOf(`${command}: a device`, 'exit 1 unshareable-file', command, '/dev/zero', 'localhost:1'),
      rowOf(`${command}: a name that a terminal obeys`, 'exit 1 unsafe-path', command, `name${ESCAPE}`, 'localhost:1'),
      rowOf(`${command}: a folder with such a name in it`, 'exit 1 unsafe-path', command, 'named', 'localhost:1'),
      rowOf(
        `${command}: a .torrent that is there already`,
        'exit 1 target-exists',
        command,
        'taken.txt',
        'localhost:1',
      ),
    ]),
  ];
}

/** What is to be downloaded or verified. */
function torrentRows(): readonly WordRow[] {
  const torrents = (name: string, must: string, file: string): readonly WordRow[] =>
    ['download', 'verify'].map((command) => rowOf(`${command}: ${name}`, must, command, file));
  return [
    ...torrents('a .torrent that is missing', 'exit 1 not-found', `gone${ESCAPE}.torrent`),
    ...torrents('a .torrent below a file', 'exit 1 not-found', 'good.txt/x.torrent'),
    ...torrents('a folder as .torrent', 'exit 1 unreadable', 'folder.torrent'),
    ...torrents('a pipe as .torrent', 'exit 1 unreadable', 'pipe.torrent'),
    ...torrents('a device as .torrent', 'exit 1 unreadable', '/dev/zero'),
    ...torrents('a .torrent of 11 MiB', 'exit 1 too-large', 'huge.torrent'),
    ...torrents('a .torrent of 8 GiB', 'exit 1 too-large', 'sparse.torrent'),
    ...torrents('a .torrent that a terminal obeys', 'exit 1 bad-json', 'escapes.torrent'),
    rowOf('download: a link that is none', 'exit 2 bad-link', 'download', `shoal:${ESCAPE}`),
    rowOf('verify: a link', 'exit 1 not-found', 'verify', `shoal:${ESCAPE}`),
    rowOf('download: a target that is there already', 'exit 1 target-exists', 'download', 'good.torrent', 'occupied'),
    rowOf('download: a folder that is a file', 'exit 1 not-found', 'download', 'good.torrent', 'good.txt'),
    rowOf('verify: data that is another', 'exit 3', 'verify', 'good.torrent', 'taken.txt'),
  ];
}

/** Ports, hosts, agents and settings. */
function placeRows(): readonly WordRow[] {
  const ports = ['-1', '65536', '1e3', '0x50', '80 ', '8\n0', 'NaN', '99999999999999999999'];
  return [
    ...ports.map((port) => rowOf(`tracker: port ${JSON.stringify(port)}`, CONFIG, 'tracker', '--port', port)),
    rowOf('tracker: a host that is none', CONFIG, 'tracker', '--host', `a ${ESCAPE}`, '--port', '0'),
    ...ports.map((port) => rowOf(`connect: port ${JSON.stringify(port)}`, CONFIG, 'connect', 'localhost', '--', port)),
    rowOf('connect: a host that is none', 'exit 1 peer-unreachable', 'connect', `a${ESCAPE}`, '80'),
    rowOf('connect: nobody there', 'exit 1 peer-unreachable', 'connect', 'localhost', '1'),
    rowOf(
      'search: no tracker that answers',
      'exit 1 tracker-unreachable',
      'search',
      ESCAPE,
      '--tracker',
      'localhost:1',
    ),
    rowOf('search: no words', USAGE, 'search', ''),
    rowOf('search: too many letters', USAGE, 'search', 'x'.repeat(257), '--tracker', 'localhost:1'),
    rowOf('remove: a share that is not there', 'exit 1 agent-unreachable', 'remove', ESCAPE),
    ...['status', 'files', 'peers', 'stop'].map((command) =>
      rowOf(`${command}: no agent`, 'exit 1 agent-unreachable', command),
    ),
    rowOf('status as JSON: no agent', 'exit 1 agent-unreachable', 'status', '--json'),
    rowOf('agent: a limit that is none', CONFIG, 'agent', '--upload-limit', '0'),
    rowOf('agent: an address that is not here', CONFIG, 'agent', '--host', '192.0.2.1'),
    rowOf('agent: a mirror without a tracker', CONFIG, 'agent', '--mirror', '*'),
    rowOf('doctor: a setting that cannot be', CONFIG, 'doctor', '--port', '-1'),
    rowOf('config: a setting that cannot be', CONFIG, 'config', '--port', ESCAPE),
  ];
}
