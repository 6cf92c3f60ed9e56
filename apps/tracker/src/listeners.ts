import type { Server } from 'node:http';
import { ShoalError } from '@shoal/protocol';

const LOOPBACKS = ['127.0.0.1', '::1'] as const;
/** An address family that this machine does not have. */
const NO_SUCH_FAMILY = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);
const FREE_PORT_ATTEMPTS = 10;

/** Where servers listen: all on one port. */
export interface Listeners {
  readonly port: number;
  readonly servers: readonly Server[];
}

/**
 * Starts to listen; `localhost` means both loopback addresses, because programs differ in which they try.
 * @param makeServer makes one of the servers that share the port
 * @param port 0 for any free one
 * @throws ShoalError `port-in-use`, `bad-config` for a host that is not this machine's
 */
export async function listen(makeServer: () => Server, host: string, port: number): Promise<Listeners> {
  if (host !== 'localhost') {
    const server = makeServer();
    return { port: await listenOn(server, host, port), servers: [server] };
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await listenOnLoopbacks(makeServer, port);
    } catch (error) {
      const isTaken = error instanceof ShoalError && error.code === 'port-in-use';
      if (!isTaken || port !== 0 || attempt === FREE_PORT_ATTEMPTS) throw error;
    }
  }
}

/** Stops to listen and lets calls under way end, for at most `graceMs`. */
export async function closeServers(servers: readonly Server[], graceMs: number): Promise<void> {
  const cut = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, graceMs);
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeIdleConnections();
      return closed;
    }),
  );
  clearTimeout(cut);
}

async function listenOnLoopbacks(makeServer: () => Server, port: number): Promise<Listeners> {
  const servers: Server[] = [];
  let bound = port;
  try {
    for (const address of LOOPBACKS) {
      const server = makeServer();
      if (await tryListenOn(server, address, bound)) servers.push(server);
      bound = portOf(servers[0]);
    }
  } catch (error) {
    await closeServers(servers, 0);
    throw error;
  }
  return { port: bound, servers };
}

/** Whether this machine has the address and the server now listens on it. */
async function tryListenOn(server: Server, address: string, port: number): Promise<boolean> {
  try {
    await listenOn(server, address, port);
    return true;
  } catch (error) {
    if (error instanceof ShoalError && NO_SUCH_FAMILY.has(codeOf(error.cause)) && address !== LOOPBACKS[0])
      return false;
    throw error;
  }
}

function listenOn(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      const isTaken = codeOf(cause) === 'EADDRINUSE';
      const reason = isTaken ? 'another program uses the port' : codeOf(cause);
      reject(
        new ShoalError(isTaken ? 'port-in-use' : 'bad-config', `listening on ${host} port ${port}: ${reason}`, {
          cause,
        }),
      );
    };
    server.once('error', fail);
    server.listen({ host, port }, () => {
      server.off('error', fail);
      resolve(portOf(server));
    });
  });
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (typeof address !== 'object' || address === null) throw new Error('invariant: the server listens on a port');
  return address.port;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
