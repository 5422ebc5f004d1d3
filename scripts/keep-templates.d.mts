/** A digest over the texts of templates, which are given by part. */
export function templatesDigest(textsOf: (part: string) => Iterable<readonly [string, string]>): string;
export const templateParts: readonly string[];
