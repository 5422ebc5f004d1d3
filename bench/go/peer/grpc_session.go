package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// grpcSession is a connection by the client of grpc-go.
type grpcSession struct {
	connection *grpc.ClientConn
}

func dialGRPC(certsDir, address string) (session, error) {
	credentials, err := clientCredentials(certsDir)
	if err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient(
		"passthrough:///"+address,
		grpc.WithTransportCredentials(credentials),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(largestMessage),
			grpc.MaxCallSendMsgSize(largestMessage),
		),
	)
	if err != nil {
		return nil, err
	}
	return &grpcSession{connection}, nil
}

func (s *grpcSession) call(text string, count int) error {
	answer := &structpb.Struct{}
	// A channel that still connects would refuse a call at once without this.
	err := s.connection.Invoke(context.Background(), echoMethod, echoArguments(text, count), answer, grpc.WaitForReady(true))
	if err != nil {
		return err
	}
	if !isAnswer(answer, text, count) {
		return fmt.Errorf("call %d was answered wrongly", count)
	}
	return nil
}

func (s *grpcSession) stream(ctx context.Context, chunks, size int, onChunk func()) error {
	stream, err := s.connection.NewStream(ctx, &countDescription, countMethod)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(streamArguments(chunks, size)); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for received := 0; ; received++ {
		chunk := &wrapperspb.BytesValue{}
		if err := stream.RecvMsg(chunk); errors.Is(err, io.EOF) {
			if received != chunks {
				return fmt.Errorf("%d chunks came instead of %d", received, chunks)
			}
			return nil
		} else if err != nil {
			return err
		}
		if len(chunk.GetValue()) != size {
			return fmt.Errorf("a chunk has %d bytes instead of %d", len(chunk.GetValue()), size)
		}
		onChunk()
	}
}

func (s *grpcSession) close() {
	_ = s.connection.Close()
}
