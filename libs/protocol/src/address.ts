import * as z from 'zod';

const NAME_OR_IPV4 = /^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?$/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;
const IPV6 = /^([0-9a-f:.]+)(?:%[a-z0-9._-]+)?$/i;

/**
 * A host name or address without brackets. Only characters that cannot end the host part of a URL: hosts come from
 * strangers and are put into the address that is dialled.
 */
export const hostSchema = z
  .string()
  .min(1)
  .max(255)
  .refine((host) => NAME_OR_IPV4.test(host) || isIPv6(host), 'must be a host name or an address');

/** The zone after a percent sign means something on one machine only, and no URL takes it. */
function isIPv6(host: string): boolean {
  const address = IPV6.exec(host)?.[1];
  return address !== undefined && URL.canParse(`http://[${address}]`);
}

/** An address, not a name. */
export const ipSchema = z
  .string()
  .max(45)
  .refine((host) => IPV4.test(host) || isIPv6(host), 'must be an IP address');

/** A port that accepts connections. */
export const portSchema = z.number().int().min(1).max(65_535);

/** The port that a program says it listens on; 0 when it accepts no connections. */
export const listeningPortSchema = z.number().int().min(0).max(65_535);

export const addressSchema = z.strictObject({ host: hostSchema, port: portSchema });
/** Where a peer accepts links. */
export type PeerAddress = Readonly<z.infer<typeof addressSchema>>;
