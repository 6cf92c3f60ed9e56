import { once } from 'node:events';
import { parseFromAgent, type FromAgent, type FromTracker } from '@shoal/protocol';
import { WebSocketServer, type ServerOptions, type WebSocket } from 'ws';

const WELCOME: FromTracker = { kind: 'welcome', version: 1, observedHost: '127.0.0.1' };

/** A tracker that notes what it is told and says what the test wants. */
export class FakeTracker {
  readonly said: FromAgent[] = [];
  readonly sockets: WebSocket[] = [];
  readonly paths: (string | undefined)[] = [];
  #server: WebSocketServer;
  port = 0;

  private constructor(options: ServerOptions) {
    this.#server = this.#listen(options);
  }

  static async start(options: ServerOptions = {}): Promise<FakeTracker> {
    const tracker = new FakeTracker(options);
    await tracker.#listening();
    return tracker;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  get open(): WebSocket[] {
    return this.sockets.filter((socket) => socket.readyState === socket.OPEN);
  }

  async restart(): Promise<void> {
    await this.stop();
    this.said.length = 0;
    this.#server = this.#listen({ port: this.port });
    await this.#listening();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.close();
    await once(this.#server, 'close');
  }

  say(message: FromTracker): void {
    for (const socket of this.open) socket.send(JSON.stringify(message));
  }

  #listen(options: ServerOptions): WebSocketServer {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
    return server.on('connection', (socket, request) => {
      this.sockets.push(socket);
      this.paths.push(request.url);
      socket.on('message', (data: Buffer) => {
        const message = parseFromAgent(data.toString());
        this.said.push(message);
        if (message.kind === 'hello') socket.send(JSON.stringify(WELCOME));
      });
    });
  }

  async #listening(): Promise<void> {
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  }
}
