/** A command line that a document tells the reader to type. */
export interface DocumentedCommand {
  readonly program: 'npm' | 'npm run' | 'shoal';
  /** The first word after the program: a script or a command. */
  readonly name: string;
}

/** Fences in these languages show code or pictures, not what to type. */
const NOT_TYPED = /^(mermaid|json|jsonc|ts|typescript|js|yaml|sql|http)$/;
const FENCE = /^```(\w*)[^\n]*\n([\s\S]*?)^```/gm;
const CODE_SPAN = /`([^`\n]+)`/g;
const COMMANDS: readonly { readonly program: DocumentedCommand['program']; readonly pattern: RegExp }[] = [
  { program: 'npm run', pattern: /\bnpm run ([\w:-]+)/g },
  { program: 'npm', pattern: /\bnpm (?!run\b)([a-z]+)/g },
  { program: 'shoal', pattern: /(?<![\w./:-])shoal>? +(?:\[[^\]]*\] +)?([a-z]+)/g },
];

/** What a Markdown document names as commands of npm and of `shoal`, in its fences and code spans. */
export function commandsIn(markdown: string): DocumentedCommand[] {
  const typed: string[] = [];
  const prose = markdown.replace(FENCE, (_fence, language: string, body: string) => {
    if (!NOT_TYPED.test(language)) typed.push(body);
    return '';
  });
  for (const [, span = ''] of prose.matchAll(CODE_SPAN)) typed.push(span);
  return COMMANDS.flatMap(({ program, pattern }) =>
    typed.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => ({ program, name }))),
  );
}
