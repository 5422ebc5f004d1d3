package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

// StreamingTool is a tool that answers with chunks.
type StreamingTool struct {
	Name, Description string
	Schema            *structpb.Struct
	Handler           plugin.StreamingToolHandler
}

// StreamingTools are the streams that the tests read.
func StreamingTools() []StreamingTool {
	return []StreamingTool{
		{"count", "Counts.", schema(map[string]any{"to": "integer"}), count},
		{"endless", "Ticks until it is cancelled, and says so in a file.", nil, endless},
		{"silent", "Says nothing until it is cancelled, and says so in a file.", nil, silent},
		{"flood", "Sends chunks of 64 KiB as fast as they are taken.", nil, flood},
		{"break", "Sends two chunks and fails.", nil, breaks},
		{"one_chunk", "Sends one chunk of the length that it is told.", nil, oneChunk},
	}
}

// produced is how many chunks flood has handed to the SDK.
var produced atomic.Int64

// Produced tells how far flood is.
func Produced(context.Context, *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	return successOf(map[string]any{"chunks": float64(produced.Load())})
}

func number(request *pluginv1.StreamStart, name string) int {
	return int(request.GetArguments().GetFields()[name].GetNumberValue())
}

func count(ctx context.Context, request *pluginv1.StreamStart, chunks chan<- []byte) error {
	for i := range number(request, "to") {
		select {
		case chunks <- fmt.Appendf(nil, "%d\n", i+1):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// marked writes the file that tells a test that a handler was cancelled.
func marked(ctx context.Context, request *pluginv1.StreamStart) error {
	file := request.GetArguments().GetFields()["file"].GetStringValue()
	if err := os.WriteFile(file, []byte("cancelled"), 0o600); err != nil {
		return err
	}
	return ctx.Err()
}

func endless(ctx context.Context, request *pluginv1.StreamStart, chunks chan<- []byte) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case chunks <- []byte("tick"):
		case <-ctx.Done():
			return marked(ctx, request)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return marked(ctx, request)
		}
	}
}

func silent(ctx context.Context, request *pluginv1.StreamStart, chunks chan<- []byte) error {
	if number(request, "first") > 0 {
		chunks <- []byte("here")
	}
	<-ctx.Done()
	return marked(ctx, request)
}

func flood(ctx context.Context, request *pluginv1.StreamStart, chunks chan<- []byte) error {
	produced.Store(0)
	for range number(request, "chunks") {
		select {
		case chunks <- make([]byte, 64*1024):
			produced.Add(1)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func breaks(_ context.Context, _ *pluginv1.StreamStart, chunks chan<- []byte) error {
	chunks <- []byte("one")
	chunks <- []byte("two")
	return errors.New("the Go stream broke")
}

func oneChunk(_ context.Context, request *pluginv1.StreamStart, chunks chan<- []byte) error {
	chunks <- bytes.Repeat([]byte("c"), number(request, "bytes"))
	return nil
}
