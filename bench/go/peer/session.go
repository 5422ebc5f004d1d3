package main

import (
	"context"

	"google.golang.org/protobuf/types/known/structpb"
)

// target is what the harness tells a client.
type target struct {
	Address       string   `json:"address"`
	CertsDir      string   `json:"certsDir"`
	ServerCommand []string `json:"serverCommand"`
}

// session is a connection to a server.
type session interface {
	call(text string, count int) error
	// stream reads chunks and tells of each; the context ends it.
	stream(ctx context.Context, chunks, size int, onChunk func()) error
	close()
}

// dialler opens a session with the server at an address.
type dialler func(certsDir, address string) (session, error)

// echoArguments is what a call asks, as a Struct.
func echoArguments(text string, count int) *structpb.Struct {
	return &structpb.Struct{Fields: map[string]*structpb.Value{
		"text":  structpb.NewStringValue(text),
		"count": structpb.NewNumberValue(float64(count)),
	}}
}

// isAnswer says whether a Struct is the answer to a call.
func isAnswer(result *structpb.Struct, text string, count int) bool {
	fields := result.GetFields()
	return fields["count"].GetNumberValue() == float64(count+1) && len(fields["text"].GetStringValue()) == len(text)
}

// streamArguments is what a stream asks, as a Struct.
func streamArguments(chunks, size int) *structpb.Struct {
	return &structpb.Struct{Fields: map[string]*structpb.Value{
		"chunks": structpb.NewNumberValue(float64(chunks)),
		"bytes":  structpb.NewNumberValue(float64(size)),
	}}
}
