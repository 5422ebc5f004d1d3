import type { OfferedSeam } from '../services/seam-transport.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Seam } from './seam.ts';

/**
 * The highest version of a seam that a plugin and its host both have.
 *
 * @param known the versions that the host has, of one seam
 * @throws OrchestraError `seam_not_found`, `seam_version_mismatch`; both name what either side has
 */
export function chooseVersion<S extends Seam>(
	known: readonly S[],
	offered: readonly OfferedSeam[],
	plugin: string,
): S {
	const name = known[0]?.name ?? '';
	const versions = offered.find((seam) => seam.name === name)?.versions;
	if (!versions) {
		const has = offered.map((seam) => `${seam.name} (version ${seam.versions.join(', ')})`).join('; ');
		throw new OrchestraError(
			'seam_not_found',
			`dispense ${name} of plugin ${plugin}: it does not serve this seam`,
			{
				hint: has
					? `It serves ${has}.`
					: 'It serves no seam: name another plugin, or provide the seam in this one.',
				details: { seam: name, plugin, offered: offered.map((seam) => seam.name) },
			},
		);
	}
	const common = known
		.filter(({ version }) => versions.includes(version))
		.sort((a, b) => b.version - a.version);
	if (common[0]) return common[0];
	const wanted = known.map(({ version }) => version);
	throw new OrchestraError(
		'seam_version_mismatch',
		`dispense ${name} of plugin ${plugin}: it serves version ${versions.join(', ')}, this host wants ${wanted.join(', ')}`,
		{
			hint: 'Update the older of the two.',
			details: { seam: name, plugin, offered: [...versions], wanted },
		},
	);
}
