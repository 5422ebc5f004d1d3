import { type NodePermissions, nodePermissions, type PermittedNode } from './nats-permissions.ts';

/** The part of the server's configuration that says who may do what. */
export function authorizationBlock(nodes: readonly PermittedNode[]): string {
	const users = nodes.map((node) => `${userLines(node.node, nodePermissions(node))}`);
	return `authorization {\n  users: [\n${users.join('\n')}\n  ]\n}\n`;
}

/** The whole configuration of one server. Paths are relative to where the server is started. */
export function serverConfiguration(
	nodes: readonly PermittedNode[],
	{ listen, certs, server }: { readonly listen: string; readonly certs: string; readonly server: string },
): string {
	return `# A server for a cluster of orchestra: nats-server -c nats.conf
listen: ${text(listen)}
jetstream { store_dir: "data" }
tls {
  cert_file: ${text(`${certs}/${server}.crt`)}
  key_file: ${text(`${certs}/${server}.key`)}
  ca_file: ${text(`${certs}/ca.crt`)}
  # The user is who the certificate says.
  verify_and_map: true
}
${authorizationBlock(nodes)}`;
}

function userLines(node: string, { publish, subscribe }: NodePermissions): string {
	const list = (subjects: readonly string[]) =>
		subjects.map((subject) => `          ${text(subject)}`).join('\n');
	return `    {
      user: ${text(node)}
      permissions: {
        publish: { allow: [
${list(publish)}
        ] }
        subscribe: { allow: [
${list(subscribe)}
        ] }
        # Answers to what it was asked.
        allow_responses: { max: 1, expires: "10s" }
      }
    }`;
}

function text(value: string): string {
	return JSON.stringify(value);
}
