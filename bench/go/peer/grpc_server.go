package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"

	"google.golang.org/grpc"
)

// serveGRPC offers the tools by grpc-go until stdin ends.
func serveGRPC() error {
	listenAddress := flag.String("listen-addr", "127.0.0.1:0", "where to listen")
	certsDir := flag.String("certs-dir", "", "where the certificates are")
	flag.Parse()
	credentials, err := serverCredentials(*certsDir)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listenAddress)
	if err != nil {
		return err
	}
	server := grpc.NewServer(
		grpc.Creds(credentials),
		grpc.MaxRecvMsgSize(largestMessage),
		grpc.MaxSendMsgSize(largestMessage),
	)
	server.RegisterService(&toolsDescription, nil)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.Stop()
	}()
	fmt.Fprintf(os.Stderr, "READY %s\n", listener.Addr())
	return server.Serve(listener)
}
