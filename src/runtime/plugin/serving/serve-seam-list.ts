import { seamListService } from '../../services/seam-list-service.ts';
import { type ServedService, serveService } from '../../services/service-server.ts';

/** Tells which seams a plugin serves. */
export function serveSeamList(seams: readonly ServedService[]): ServedService {
	const versions = new Map<string, number[]>();
	for (const { definition } of seams) {
		versions.set(definition.name, [...(versions.get(definition.name) ?? []), definition.version]);
	}
	const list = [...versions].map(([name, served]) => ({ name, versions: served.sort((a, b) => a - b) }));
	return serveService(seamListService, { list: () => ({ seams: list }) });
}
