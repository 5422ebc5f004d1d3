package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// The tools as a gRPC service whose messages are Structs, as ours are. Written by hand: there is nothing to generate.
const (
	serviceName = "bench.Tools"
	echoMethod  = "/" + serviceName + "/Echo"
	countMethod = "/" + serviceName + "/Count"

	// A message of 16 MB is more than gRPC takes by default.
	largestMessage = 64 << 20
)

var countDescription = grpc.StreamDesc{StreamName: "Count", Handler: countOverGRPC, ServerStreams: true}

var toolsDescription = grpc.ServiceDesc{
	ServiceName: serviceName,
	HandlerType: (*any)(nil),
	Methods:     []grpc.MethodDesc{{MethodName: "Echo", Handler: echoOverGRPC}},
	Streams:     []grpc.StreamDesc{countDescription},
}

func echoOverGRPC(
	_ any,
	_ context.Context,
	decode func(any) error,
	_ grpc.UnaryServerInterceptor,
) (any, error) {
	arguments := &structpb.Struct{}
	if err := decode(arguments); err != nil {
		return nil, err
	}
	result, err := echoed(arguments)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return result, nil
}

func countOverGRPC(_ any, stream grpc.ServerStream) error {
	arguments := &structpb.Struct{}
	if err := stream.RecvMsg(arguments); err != nil {
		return err
	}
	fields := arguments.GetFields()
	chunk := bytes.Repeat([]byte("a"), int(fields["bytes"].GetNumberValue()))
	for range int(fields["chunks"].GetNumberValue()) {
		if err := stream.SendMsg(&wrapperspb.BytesValue{Value: chunk}); err != nil {
			return err
		}
	}
	return nil
}

func serverCredentials(certsDir string) (credentials.TransportCredentials, error) {
	config, err := mutualTLS(certsDir, pluginID)
	if err != nil {
		return nil, err
	}
	config.ClientCAs = config.RootCAs
	config.ClientAuth = tls.RequireAndVerifyClientCert
	return credentials.NewTLS(config), nil
}

func clientCredentials(certsDir string) (credentials.TransportCredentials, error) {
	config, err := mutualTLS(certsDir, clientName)
	if err != nil {
		return nil, err
	}
	// The name that every certificate of this project has.
	config.ServerName = "localhost"
	return credentials.NewTLS(config), nil
}

func mutualTLS(certsDir, name string) (*tls.Config, error) {
	authority, err := os.ReadFile(filepath.Join(certsDir, "ca.crt"))
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s holds no certificate of an authority", certsDir)
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(certsDir, name+".crt"), filepath.Join(certsDir, name+".key"))
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		Certificates: []tls.Certificate{own},
		RootCAs:      trusted,
		MinVersion:   tls.VersionTLS13,
	}, nil
}
