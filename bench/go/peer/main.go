// Command peer is what the benchmarks have in Go: the SDK's own QUIC server and client, `peer server FLAGS` and `peer client
// TARGET`, and those of grpc-go, `peer grpc-server FLAGS` and `peer grpc-client TARGET`.
package main

import (
	"fmt"
	"os"
)

// The names of bench/workload.mjs.
const (
	pluginID   = "bench.echo"
	clientName = "bench-client"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("server or client?"))
	}
	mode := os.Args[1]
	// The SDK reads the flags of the process contract itself.
	os.Args = append(os.Args[:1], os.Args[2:]...)
	switch mode {
	case "server":
		fail(serve())
	case "client":
		fail(runClient(os.Args[1], dialSDK))
	case "grpc-server":
		fail(serveGRPC())
	case "grpc-client":
		fail(runClient(os.Args[1], dialGRPC))
	default:
		fail(fmt.Errorf("server, client, grpc-server or grpc-client, not %s", mode))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
