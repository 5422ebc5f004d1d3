/**
 * How long a test waits for what has to come, in milliseconds, wherever the time that it takes is not what is tested. It is long, since
 * the machine may be busy with something else, and costs nothing, since nobody waits for its end where all is well.
 */
export const patienceMs = 60_000;

/** Graces of a stop, where a plugin has to leave by itself: it may take its time, and what is looked at is that it needs no signal. */
export const patientStop = { shutdownTimeoutMs: patienceMs, exitGraceMs: patienceMs };
