// Package cluster runs one study on many machines, over NATS JetStream. It moves bytes: only its callers know what a
// study is, and what the result of a chunk is.
//
// [Collect] puts the chunks that are missing into a queue, and [Work], on any machine, takes tasks of a few chunks
// from it, has them computed, and publishes the results. The collector hands a result to its caller, who writes
// it to disk, and only then acknowledges it.
//
// Each chunk is there once in the end, by construction: the chunks belong to the plan, and the result of a chunk does
// not depend on who computes it. The stream of results has a subject for each chunk and content, and refuses a second message
// there; what comes after the first was collected is compared with it. A study is done when every chunk that the plan
// demands was written, whatever happened to tasks, workers and servers: tasks that are lost, or held by a worker that is
// slow or gone, are given out again.
//
// Nothing that arrives is believed: numbers have bounds, results that differ are an alarm, and the collector computes some
// chunks again to check its workers (see check.go). Who can do what is in docs/cluster.md.
//
// Three streams and a bucket make the queue, one study at a time in an account:
//
//	EXODUS_JOB      exodus.job.>       what is studied, and whether it is done
//	EXODUS_TASKS    exodus.task        chunks to compute; a task goes when it is acknowledged
//	EXODUS_RESULTS  exodus.result.N.S  the result of chunk N, with the checksum S; it goes when it was written to disk
//	exodus          an object store    results that are too large for a message
//
// Workers may fetch and acknowledge tasks and publish results, and nothing else: see [WorkerPermissions].
package cluster
