/** Milliseconds that a core peer has to register once it is ready: it tells its whole manifest nowhere else. */
export const registrationTimeoutMs = 1_000;
