/** The program nats-server: `ORCHESTRA_NATS_SERVER`, else the first in PATH that runs; undefined where this machine has none. */
export function natsServerProgram(): string | undefined;
/** The port of the clients of a server, once it has written down in its `--ports_file_dir` where it listens. */
export function natsClientPort(folder: string): number | undefined;
