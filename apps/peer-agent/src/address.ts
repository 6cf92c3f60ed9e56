/** Host and port as one writes them together; an IPv6 address in brackets. */
export function formatAddress(host: string, port: number | undefined): string {
  if (port === undefined) return host;
  return host.includes(':') ? `[${host}]:${String(port)}` : `${host}:${String(port)}`;
}
