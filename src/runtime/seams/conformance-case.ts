/** One case of the conformance suite of a seam. It belongs to no test framework: a case that fails rejects. */
export interface ConformanceCase<Client> {
	readonly name: string;
	/** @param client of an implementation that is empty. It is used by this case alone */
	run(client: Client): Promise<void>;
}
