import { EXIT, type Command } from './command.ts';

/** `exit`: ends the prompt, and with it its peer. */
export const exitCommand: Command = {
  name: 'exit',
  summary: 'stop this peer and leave',
  arguments: [],
  options: [],
  at: 'prompt',
  run(_input, session) {
    session.leave();
    return Promise.resolve(EXIT.ok);
  },
};
