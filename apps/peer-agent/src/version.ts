/** Version of the program, as it names itself to trackers and peers. */
export const VERSION = '0.1.0';
/** How this agent calls itself in `hello` and `createdBy`. */
export const AGENT = `shoal/${VERSION}`;
