package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	pluginv1 "github.com/orchestra-mcp/gen-go/orchestra/plugin/v1"
	"github.com/orchestra-mcp/sdk-go/plugin"
	"google.golang.org/protobuf/types/known/structpb"
)

// serve runs a plugin with the tools of bench/workload.mjs until stdin ends.
func serve() error {
	running := plugin.New(pluginID).
		Version("1.0.0").
		RegisterTool("echo", "Gives back what it got.", nil, echo).
		RegisterStreamingTool("count", "Sends chunks.", nil, count).
		BuildWithTools()
	running.ParseFlags()
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return running.Run(ctx)
}

func echo(_ context.Context, request *pluginv1.ToolRequest) (*pluginv1.ToolResponse, error) {
	result, err := echoed(request.GetArguments())
	if err != nil {
		return nil, err
	}
	return &pluginv1.ToolResponse{Success: true, Result: result}, nil
}

// echoed checks the arguments of echo, as the schemas of the other servers do, and answers them.
func echoed(arguments *structpb.Struct) (*structpb.Struct, error) {
	fields := arguments.GetFields()
	text, isText := fields["text"].GetKind().(*structpb.Value_StringValue)
	number, isNumber := fields["count"].GetKind().(*structpb.Value_NumberValue)
	if !isText || !isNumber || number.NumberValue != float64(int64(number.NumberValue)) {
		return nil, fmt.Errorf("echo takes a text and a count")
	}
	return &structpb.Struct{Fields: map[string]*structpb.Value{
		"text":  structpb.NewStringValue(text.StringValue),
		"count": structpb.NewNumberValue(number.NumberValue + 1),
	}}, nil
}

func count(ctx context.Context, request *pluginv1.StreamStart, chunks chan<- []byte) error {
	fields := request.GetArguments().GetFields()
	chunk := bytes.Repeat([]byte("a"), int(fields["bytes"].GetNumberValue()))
	for range int(fields["chunks"].GetNumberValue()) {
		select {
		case chunks <- chunk:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
