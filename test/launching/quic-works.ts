/** Whether QUIC's native part has a binary for this machine. */
export async function quicWorks(): Promise<boolean> {
	try {
		await import('@matrixai/quic/native/quiche.js');
		return true;
	} catch {
		return false;
	}
}
