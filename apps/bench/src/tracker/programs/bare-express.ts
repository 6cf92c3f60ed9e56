/**
 * `node bare-express.mjs EXPRESS REPLY`: the least that Express does for an announce. Parses the body as JSON and answers
 * with the JSON of the file REPLY; prints its port.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';

type Handler = (request: IncomingMessage, response: ServerResponse & { json(value: unknown): void }) => void;
/** As much of Express as is used here. */
interface Express {
  (): {
    disable(setting: string): void;
    post(path: string, parser: unknown, handler: Handler): void;
    listen(port: number, host: string, listening: () => void): Server;
  };
  json(): unknown;
}

const [modulePath = '', replyPath = ''] = process.argv.slice(2);
const { default: express } = (await import(pathToFileURL(modulePath).href)) as { readonly default: Express };
const reply: unknown = JSON.parse(await readFile(replyPath, 'utf8'));
const app = express();
// As the tracker has it: without them Express would say its name and hash every answer.
app.disable('x-powered-by');
app.disable('etag');
app.post('/v1/announce', express.json(), (_request, response) => {
  response.json(reply);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
});
