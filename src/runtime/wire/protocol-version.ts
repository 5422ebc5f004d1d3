/**
 * The version of the protocol that this runtime speaks, for what plugins require. It grows when a peer of an older version could not
 * serve what a newer one asks for; extensions that a peer may ignore do not change it.
 */
export const protocolVersion = 1;
