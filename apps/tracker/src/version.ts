/** Version of the program, as it names itself to pages. */
export const VERSION = '0.1.0';
